package returns

import "time"

// SetPatience shortens how long a stream may be silent beyond its heartbeats: a minute is too long for a test.
func SetPatience(client *Client, patience time.Duration) { client.patience = patience }

// SetNow gives a verifier another time.
func SetNow(verifier *Verifier, now time.Time) { verifier.now = func() time.Time { return now } }
