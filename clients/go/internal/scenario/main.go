// Command scenario plays a scenario of clients/scenario with the Go client; the README there says what it is given and
// what it must do.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"returns.commerce/client/returns"
)

// How long a follower, or the server's start, is waited for.
const patience = 120 * time.Second

type story struct {
	Steps []step `json:"steps"`
}

type step struct {
	Step         string            `json:"step"`
	Op           string            `json:"op"`
	As           string            `json:"as"`
	Call         string            `json:"call"`
	Follower     string            `json:"follower"`
	Request      any               `json:"request"`
	Expect       any               `json:"expect"`
	ExpectError  any               `json:"expect_error"`
	ExpectItems  any               `json:"expect_items"`
	ExpectEvents any               `json:"expect_events"`
	Save         map[string]string `json:"save"`
	SaveItems    string            `json:"save_items"`
	Times        any               `json:"times"`
	Steps        []step            `json:"steps"`
}

type stage struct {
	Address   string            `json:"address"`
	Control   string            `json:"control"`
	Scenario  string            `json:"scenario"`
	Tokens    map[string]string `json:"tokens"`
	Variables variables         `json:"variables"`

	clients   map[string]*returns.Client
	followers map[string]*follower
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("usage: scenario CONTEXT_FILE")
	}
	on := stage{clients: map[string]*returns.Client{}, followers: map[string]*follower{}}
	if err := read(arguments[0], &on); err != nil {
		return err
	}
	var told story
	if err := read(on.Scenario, &told); err != nil {
		return err
	}
	defer on.close()
	return on.play(ctx, told.Steps)
}

func read(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (on *stage) close() {
	for _, one := range on.followers {
		one.stop()
	}
	for _, client := range on.clients {
		_ = client.Close()
	}
}

func (on *stage) play(ctx context.Context, steps []step) error {
	for _, next := range steps {
		if err := on.act(ctx, next); err != nil {
			return fmt.Errorf("FAILED %s: %w", next.Step, err)
		}
		fmt.Println("ok", next.Step)
	}
	return nil
}

func (on *stage) act(ctx context.Context, next step) error {
	switch next.Op {
	case "call":
		return on.call(ctx, next)
	case "list":
		return on.list(ctx, next)
	case "follow":
		return on.follow(ctx, next)
	case "followed":
		return on.followed(next)
	case "restart":
		return on.restart(ctx)
	case "repeat":
		return on.repeat(ctx, next)
	default:
		return fmt.Errorf("there is no op %q", next.Op)
	}
}

func (on *stage) repeat(ctx context.Context, next step) error {
	filled, err := on.Variables.fill(next.Times)
	if err != nil {
		return err
	}
	times, err := strconv.Atoi(fmt.Sprint(filled))
	if err != nil {
		return err
	}
	for round := range times {
		on.Variables["round"] = strconv.Itoa(round + 1)
		if err := on.play(ctx, next.Steps); err != nil {
			return fmt.Errorf("round %d: %w", round+1, err)
		}
	}
	return nil
}

func (on *stage) restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, on.Control+"/restart", http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("the restart answered %s", answer.Status)
	}
	return nil
}

func (on *stage) client(as string) (*returns.Client, error) {
	if client, ok := on.clients[as]; ok {
		return client, nil
	}
	token, ok := on.Tokens[as]
	if !ok {
		return nil, fmt.Errorf("there is no caller %q", as)
	}
	// A minute: over the rough network a call may need many connections, on a busy machine longer than the default.
	client, err := returns.NewClient(on.Address, returns.WithPlainText(),
		returns.WithToken(returns.StaticToken(token)), returns.WithDeadline(time.Minute))
	if err == nil {
		on.clients[as] = client
	}
	return client, err
}
