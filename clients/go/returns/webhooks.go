package returns

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	returnsv1 "returns.commerce/client/commerce/returns/v1"

	"google.golang.org/protobuf/encoding/protojson"
)

// Tolerance is how far a message's timestamp may be away from now.
const Tolerance = 5 * time.Minute

// ErrSignature is the answer to a message that is not the service's, or is too old, or was changed on the way.
var ErrSignature = errors.New("returns: the webhook's signature does not fit")

// Verifier checks messages that the service posts to a webhook endpoint (Standard Webhooks 1.0.0).
type Verifier struct {
	keys [][]byte
	now  func() time.Time
}

// NewVerifier answers a verifier for an endpoint's secret, whsec_ and base64. It takes several while one is being
// replaced: a message may be signed with any of them.
func NewVerifier(secrets ...string) (*Verifier, error) {
	if len(secrets) == 0 {
		return nil, errors.New("returns: a verifier needs a secret")
	}
	verifier := &Verifier{now: time.Now}
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(strings.TrimSpace(secret), "whsec_"))
		if err != nil || len(key) == 0 {
			return nil, errors.New("returns: a webhook secret is whsec_ and base64")
		}
		verifier.keys = append(verifier.keys, key)
	}
	return verifier, nil
}

// Message is what a webhook tells.
type Message struct {
	// ID is the same in every attempt, and the event's: drop repeats by it.
	ID string
	// Type is the event's, or webhook.test.
	Type string
	// Event is nil where the message tells of none, as a test does.
	Event *returnsv1.ReturnEvent
}

// Verify answers [ErrSignature] unless these headers sign this body, which must be the bytes as they came.
func (v *Verifier) Verify(header http.Header, body []byte) error {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: no timestamp", ErrSignature)
	}
	if v.now().Sub(time.Unix(seconds, 0)).Abs() > Tolerance {
		return fmt.Errorf("%w: too old, or from the future", ErrSignature)
	}
	for _, signature := range strings.Fields(header.Get("webhook-signature")) {
		value, ours := strings.CutPrefix(signature, "v1,")
		given, err := base64.StdEncoding.DecodeString(value)
		if !ours || err != nil {
			continue
		}
		for _, key := range v.keys {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(id + "." + timestamp + "."))
			mac.Write(body)
			if hmac.Equal(given, mac.Sum(nil)) {
				return nil
			}
		}
	}
	return ErrSignature
}

// Open verifies a message and reads it, in either payload format. The snapshot of its event lacks what the endpoint
// excludes.
func (v *Verifier) Open(header http.Header, body []byte) (*Message, error) {
	if err := v.Verify(header, body); err != nil {
		return nil, err
	}
	var envelope struct {
		Type string                     `json:"type"`
		Data map[string]json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, fmt.Errorf("returns: the webhook cannot be read: %w", err)
	}
	message := &Message{ID: header.Get("webhook-id"), Type: envelope.Type}
	if !strings.HasPrefix(envelope.Type, "return.") {
		return message, nil
	}
	// `return` is a keyword in some languages, and so `snapshot` in the contract.
	if snapshot, ok := envelope.Data["return"]; ok {
		delete(envelope.Data, "return")
		envelope.Data["snapshot"] = snapshot
	}
	data, err := json.Marshal(envelope.Data)
	if err != nil {
		return nil, fmt.Errorf("returns: the webhook cannot be read: %w", err)
	}
	message.Event = &returnsv1.ReturnEvent{}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(data, message.Event); err != nil {
		return nil, fmt.Errorf("returns: the webhook cannot be read: %w", err)
	}
	return message, nil
}
