"""The guide's code accepts our messages and nothing else, in every language; so does JavaScript's published library."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from returns_server.webhooks.signing import new_secret, signed

GUIDE = Path(__file__).parents[2] / "docs" / "webhooks.md"
NOTHING: Mapping[str, str] = {}
JAVASCRIPT_LIBRARY = "standardwebhooks@1.1.1"

pytestmark = pytest.mark.slow


def code(language: str) -> str:
    """The block of the guide in a language."""
    found = re.search(rf"<!-- tested: {language} -->\n```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def cases() -> list[dict[str, object]]:
    """Messages with the secret that a receiver has, and whether it must accept them."""
    old, new, other = (new_secret(secrets.token_bytes) for _ in range(3))
    body = json.dumps({"type": "return.created", "data": {"text": "größe ✓", "n": 1.5}}, ensure_ascii=False)
    now = int(time.time())

    def case(
        secret: str, accepted: bool, at: int = now, said: str = body, changed: Mapping[str, str] = NOTHING
    ) -> dict[str, object]:
        headers = signed("01a2-id", at, body.encode(), [new, old])
        return {"secret": secret, "headers": {**headers, **changed}, "body": said, "accepted": accepted}

    return [
        case(new, True),
        case(old, True),
        case(other, False),
        case(new, False, said=body + " "),
        case(new, False, at=now - 600),
        case(new, False, at=now + 600),
        case(new, False, changed={"webhook-id": "another"}),
        case(new, False, changed={"webhook-timestamp": str(now + 1)}),
        case(new, False, changed={"webhook-signature": "v1,AAAA v1a,BBBB"}),
        case(new, False, changed={"webhook-signature": ""}),
    ]


def ran(command: list[str], folder: Path) -> list[bool]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3_000:]
    answered: list[bool] = json.loads(done.stdout)
    return answered


def in_python(folder: Path, given: str) -> list[bool]:
    scope: dict[str, Callable[..., None]] = {}
    exec(code("python"), scope)
    answered = []
    for one in json.loads(given):
        try:
            scope["verify"](one["secret"], one["headers"], one["body"].encode())
            answered.append(True)
        except ValueError:
            answered.append(False)
    return answered


_NODE = """
import { readFileSync } from "node:fs";
%s
const cases = JSON.parse(readFileSync("cases.json", "utf8"));
console.log(JSON.stringify(cases.map((one) => {
  try { %s; return true; } catch { return false; }
})));
"""


def in_typescript(folder: Path, given: str) -> list[bool]:
    # Node 20 runs no TypeScript: what the guide's code has of types is taken out.
    plain = re.sub(r": (?:string|number|void|Buffer|Record<string, string>)(?=[ ,)={])", "", code("typescript"))
    (folder / "verify.mjs").write_text(_NODE % (plain, "verify(one.secret, one.headers, Buffer.from(one.body))"))
    (folder / "cases.json").write_text(given)
    return ran(["node", "verify.mjs"], folder)


def in_published_javascript(folder: Path, given: str) -> list[bool]:
    (folder / "package.json").write_text("{}")
    installed = subprocess.run(
        ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", JAVASCRIPT_LIBRARY],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr[-3_000:]
    library = 'import { Webhook } from "standardwebhooks";'
    (folder / "verify.mjs").write_text(_NODE % (library, "new Webhook(one.secret).verify(one.body, one.headers)"))
    (folder / "cases.json").write_text(given)
    return ran(["node", "verify.mjs"], folder)


_GO = """
package webhooks

import ("encoding/json"; "fmt"; "net/http"; "os"; "testing"; "time")

func TestCases(t *testing.T) {
	raw, _ := os.ReadFile("cases.json")
	var cases []struct { Secret string; Headers map[string]string; Body string }
	if err := json.Unmarshal(raw, &cases); err != nil { t.Fatal(err) }
	answered := []bool{}
	for _, one := range cases {
		header := http.Header{}
		for name, value := range one.Headers { header.Set(name, value) }
		answered = append(answered, Verify(one.Secret, header, []byte(one.Body), time.Now()) == nil)
	}
	said, _ := json.Marshal(answered)
	os.WriteFile("answered.json", said, 0o644)
	fmt.Println(string(said))
}
"""


def in_go(folder: Path, given: str) -> list[bool]:
    (folder / "go.mod").write_text("module webhooks\n\ngo 1.22\n")
    (folder / "verify.go").write_text(code("go"))
    (folder / "verify_test.go").write_text(_GO)
    (folder / "cases.json").write_text(given)
    done = subprocess.run(["go", "test", "./..."], cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    answered: list[bool] = json.loads((folder / "answered.json").read_text())
    return answered


@pytest.mark.parametrize(
    ("program", "verifier"),
    [
        (None, in_python),
        ("node", in_typescript),
        pytest.param("npm", in_published_javascript, marks=pytest.mark.timeout(200)),
        pytest.param("go", in_go, marks=pytest.mark.timeout(400)),
    ],
)
def test_a_verifier_accepts_our_messages_and_nothing_else(
    tmp_path: Path, program: str | None, verifier: Callable[[Path, str], list[bool]]
) -> None:
    if program is not None and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here: the guide's code for it is not tried")
    given = cases()
    assert verifier(tmp_path, json.dumps(given)) == [one["accepted"] for one in given]
