package returns_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

const readmeProgram = `package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"returns.commerce/client/returns"
	returnsv1 "returns.commerce/client/commerce/returns/v1"
)

func handle(*returnsv1.ReturnEvent) {}

func block(ctx context.Context, client *returns.Client, request *http.Request, body []byte, secret, stored string, err error) error {
{
_ = err
%s
_ = []any{%s}
}
return errors.Join(fmt.Errorf("used"))
}

var _ = block
var _ returns.Option
var _ returnsv1.Return
var _ http.Request

func main() {}
`

// Every block of the README compiles against the package as it is.
func TestTheReadmeCompiles(t *testing.T) {
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(content), -1)
	if len(blocks) < 5 {
		t.Fatalf("%d blocks", len(blocks))
	}
	folder, err := os.MkdirTemp(".", "readme-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	assigned := regexp.MustCompile(`(?m)^(\w+), err :=`)
	for i, block := range blocks {
		used := ""
		for _, name := range assigned.FindAllStringSubmatch(block[1], -1) {
			used += name[1] + ", "
		}
		// What a block declares stands in a scope of its own, so that err may be declared once more.
		source := fmt.Sprintf(readmeProgram, block[1], used)
		if _, err := parser.ParseFile(token.NewFileSet(), "main.go", source, 0); err != nil {
			t.Fatalf("%v in\n%s", err, block[1])
		}
		one := filepath.Join(folder, fmt.Sprintf("block%d", i))
		if err := os.Mkdir(one, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(one, "main.go"), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if said, err := exec.Command("go", "vet", "./"+folder+"/...").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
