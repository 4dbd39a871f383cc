package returns_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"returns.commerce/client/returns"
)

const (
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	other  = "whsec_AAAQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

func signed(t *testing.T, with, id string, at time.Time, body string) http.Header {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(with[len("whsec_"):])
	if err != nil {
		t.Fatal(err)
	}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "." + body))
	header := http.Header{}
	header.Set("webhook-id", id)
	header.Set("webhook-timestamp", timestamp)
	header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return header
}

func TestTheExampleOfTheSpecificationVerifies(t *testing.T) {
	header := http.Header{}
	header.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	header.Set("webhook-timestamp", "1614265330")
	header.Set("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	verifier, err := returns.NewVerifier(secret)
	if err != nil {
		t.Fatal(err)
	}
	returns.SetNow(verifier, time.Unix(1614265330, 0))
	if err := verifier.Verify(header, []byte(`{"test": 2432232314}`)); err != nil {
		t.Error(err)
	}
}

func TestOnlyWhatWasSignedVerifies(t *testing.T) {
	const body = `{"type":"return.created"}`
	now := time.Now()
	changed := func(name, value string) http.Header {
		header := signed(t, secret, "id", now, body)
		header.Set(name, value)
		return header
	}
	good := signed(t, secret, "id", now, body).Get("webhook-signature")
	for name, one := range map[string]struct {
		header http.Header
		body   string
		fits   bool
	}{
		"as signed":          {signed(t, secret, "id", now, body), body, true},
		"by the other":       {signed(t, other, "id", now, body), body, true},
		"several":            {changed("webhook-signature", "v1,AAAA v1a,BBBB "+good), body, true},
		"a space more":       {signed(t, secret, "id", now, body), body + " ", false},
		"too old":            {signed(t, secret, "id", now.Add(-6*time.Minute), body), body, false},
		"from the future":    {signed(t, secret, "id", now.Add(6*time.Minute), body), body, false},
		"another id":         {changed("webhook-id", "another"), body, false},
		"another time":       {changed("webhook-timestamp", strconv.FormatInt(now.Unix()+1, 10)), body, false},
		"no time":            {changed("webhook-timestamp", ""), body, false},
		"another version":    {changed("webhook-signature", "v1a"+good[2:]), body, false},
		"no signature":       {changed("webhook-signature", ""), body, false},
		"an empty signature": {changed("webhook-signature", "v1,"), body, false},
		"of a stranger":      {signed(t, "whsec_BBBB", "id", now, body), body, false},
	} {
		verifier, err := returns.NewVerifier(secret, other)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(one.header, []byte(one.body)); (err == nil) != one.fits || err != nil && !errors.Is(err, returns.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAMessageIsRead(t *testing.T) {
	verifier, err := returns.NewVerifier(secret)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"type":"return.approved","timestamp":"2026-11-26T10:43:05Z","data":{"id":"e1","type":"return.approved",` +
		`"sequence":"17","unheardOf":1,"return":{"name":"tenants/acme/returns/r-1","state":"STATE_APPROVED"}}}`
	message, err := verifier.Open(signed(t, secret, "e1", time.Now(), body), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	event := message.Event
	if message.ID != "e1" || message.Type != "return.approved" || event.GetSequence() != 17 ||
		event.GetSnapshot().GetName() != "tenants/acme/returns/r-1" {
		t.Error(message)
	}
	trial := `{"type":"webhook.test","timestamp":"2026-11-26T10:43:05Z","data":{"webhookEndpoint":"x"}}`
	message, err = verifier.Open(signed(t, secret, "t1", time.Now(), trial), []byte(trial))
	if err != nil || message.Type != "webhook.test" || message.Event != nil {
		t.Error(message, err)
	}
	for _, garbled := range []string{``, `[]`, `{"type":"return.created","data":{"sequence":"x"}}`} {
		if _, err := verifier.Open(signed(t, secret, "g", time.Now(), garbled), []byte(garbled)); err == nil || errors.Is(err, returns.ErrSignature) {
			t.Errorf("%q: %v", garbled, err)
		}
	}
}

func TestASecretThatIsNoneIsRefused(t *testing.T) {
	for _, secrets := range [][]string{{}, {""}, {"whsec_"}, {"whsec_***"}} {
		if _, err := returns.NewVerifier(secrets...); err == nil {
			t.Error(secrets)
		}
	}
}
