package returns

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// TokenSource answers the token to send. It is asked for each attempt of a call, so it should remember a token until
// that is about to expire; it may be asked by many goroutines at once. Any function of yours is one.
type TokenSource func(context.Context) (string, error)

// StaticToken always answers the same token.
func StaticToken(token string) TokenSource {
	token = strings.TrimSpace(token)
	return func(context.Context) (string, error) { return token, nil }
}

// FileToken answers what a file has, read anew each time: something else keeps the file fresh.
func FileToken(path string) TokenSource {
	return func(context.Context) (string, error) {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		token := strings.TrimSpace(string(content))
		if token == "" {
			return "", fmt.Errorf("%s has no token in it", path)
		}
		return token, nil
	}
}
