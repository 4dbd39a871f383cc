"""Profiles: where `returnsctl` calls and as whom; and that a token is never shown."""

from __future__ import annotations

import shlex
import stat
import sys
from pathlib import Path

import pytest

from returnsctl.profiles import Profile, ProfileFile, ProfileInvalid, config_path
from tests.support.certificates import Authority
from tests.support.ctl import Desk
from tests.support.process import ServerProcess


def token_of(desk: Desk) -> str:
    return desk.environment["RETURNSCTL_TOKEN"]


def alone(desk: Desk) -> dict[str, str | None]:
    """Nothing from the environment: profiles say it all."""
    return {"RETURNSCTL_TOKEN": None, "RETURNSCTL_TENANT": None, "RETURNSCTL_ADDRESS": None}


def test_a_profile_says_it_all(shop: Desk) -> None:
    token, alone_ = token_of(shop), alone(shop)
    (file := shop.folder / "token").write_text(token + "\n")
    command = shlex.join([sys.executable, "-c", f"print(open({str(file)!r}).read())"])
    sources = {
        "by-file": (("--token-file", str(file)), None),
        "by-command": (("--token-command", command), None),
        "kept": (("--ask-token",), token + "\n"),
    }
    told = ""
    for name, (source, typed) in sources.items():
        add = ("profile", "add", name, "--address", shop.server.address, "--tenant", shop.tenant, *source)
        told += shop.ok(*add, says=typed, **alone_)
        assert "1001" in shop.ok("-p", name, "orders", "list", **alone_)
    assert "1001" in shop.ok("orders", "list", **alone_), "the first profile is in use"
    told += shop.ok("profile", "use", "kept", **alone_)
    told += shop.ok("profile", "list", **alone_) + shop.ok("profile", "list", "--json", **alone_)
    assert "1001" in shop.ok("orders", "list", **alone_)
    assert token not in told
    assert [line.split()[:2] for line in shop.ok("profile", "list", **alone_).splitlines()][-1] == ["*", "kept"]
    path = shop.folder / "returnsctl" / "config.toml"
    assert token in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "no profile 'gone'" in shop.run("-p", "gone", "orders", "list", **alone_).stderr
    shop.ok("profile", "remove", "kept", **alone_)
    assert "which tenant?" in shop.run("orders", "list", **alone_).stderr


def test_options_win_over_the_environment_and_that_over_the_profile(shop: Desk) -> None:
    (good := shop.folder / "good").write_text(token_of(shop))
    (bad := shop.folder / "bad").write_text("x.y.z")
    shop.ok("profile", "add", "p", "--address", "127.0.0.1:1", "--tenant", "wrong", "--token-file", str(bad))
    assert "1001" in shop.ok("orders", "list"), "the environment over the profile"
    assert "TENANT_MISMATCH" in shop.run("--tenant", "other", "orders", "list").stderr
    assert "TOKEN_INVALID" in shop.run("--token-file", str(bad), "orders", "list").stderr
    assert "1001" in shop.ok("--token-file", str(good), "orders", "list", RETURNSCTL_TOKEN="x.y.z")
    assert "1001" in shop.ok("orders", "list", RETURNSCTL_TOKEN=None, RETURNSCTL_TOKEN_FILE=str(good))
    both = shop.run("--token-file", str(good), "--token-command", "true", "orders", "list")
    assert (both.exit_code, "not both" in both.stderr) == (2, True)


def test_what_a_token_source_says_wrongly_is_told_without_it(desk: Desk) -> None:
    (two := desk.folder / "two").write_text("first secret")
    (empty := desk.folder / "empty").write_text("\n")
    cases = {
        ("--token-file", str(two)): "is not one word",
        ("--token-file", str(empty)): "the token is empty",
        ("--token-file", str(desk.folder / "none")): "No such file",
        ("--token-command", "false"): "ended with code 1",
        ("--token-command", "no-such-program"): "No such file",
        ("--token-command", "'"): "ValueError",
    }
    for arguments, told in cases.items():
        result = desk.run(*arguments, "orders", "list")
        assert (result.exit_code, told in result.stderr) == (1, True), result.stderr
        assert "secret" not in result.output


def test_what_a_person_wrote_around_profiles_stays(tmp_path: Path) -> None:
    (path := tmp_path / "config.toml").write_text(
        '# mine\n\n[profiles.old]  # the old shop\ntenant = "old"\nplaintext = true\n'
    )
    file = ProfileFile(path)
    file.put("new", Profile(tenant="new", token="secret"))
    file.save()
    text = path.read_text()
    assert "# mine" in text
    assert "# the old shop" in text
    again = ProfileFile(path)
    assert (again.current, again.names) == ("new", ["old", "new"])
    assert again.get("old") == Profile(tenant="old", plaintext=True)
    assert "secret" not in repr(again.get("new"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("= 1", "is no TOML"),
        ("profiles = 1", "`profiles` should hold tables"),
        ('[profiles.p]\nadress = "x"', "unknown setting 'adress'"),
        ("[profiles.p]\ntenant = 1", "tenant should be a text"),
        ('[profiles.p]\nplaintext = "yes"', "plaintext should be true or false"),
        ('[profiles.p]\ntoken = "a"\ntoken_file = "b"', "give one of token, token_file, token_command"),
    ],
)
def test_a_file_that_cannot_be_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    (path := tmp_path / "config.toml").write_text(text)
    with pytest.raises(ProfileInvalid) as caught:
        ProfileFile(path).get("p")
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_the_file_stands_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RETURNSCTL_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_path() == tmp_path / ".config" / "returnsctl" / "config.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert config_path() == tmp_path / ".config" / "returnsctl" / "config.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "/xdg")
    assert config_path() == Path("/xdg/returnsctl/config.toml")
    monkeypatch.setenv("RETURNSCTL_CONFIG", "/mine.toml")
    assert config_path() == Path("/mine.toml")


def test_a_server_is_trusted_by_the_authority_that_a_profile_names(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.server("localhost")
    certificate, key = str(tmp_path / "localhost.pem"), str(tmp_path / "localhost.key")
    with ServerProcess(tmp_path / "data", RETURNS_TLS_CERT_FILE=certificate, RETURNS_TLS_KEY_FILE=key) as server:
        desk = Desk(server, tmp_path)
        address = server.address.replace("127.0.0.1", "localhost")
        desk.ok("profile", "add", "p", "--address", address, "--tenant", desk.tenant, "--ca-file", str(authority.file))
        listed = desk.run("orders", "list", RETURNSCTL_ADDRESS=None)
        assert (listed.exit_code, listed.stderr) == (0, "no orders\n")
        plain = desk.run("--timeout", "2", "orders", "list", RETURNSCTL_ADDRESS=address, RETURNSCTL_PROFILE=None,
                         XDG_CONFIG_HOME=str(tmp_path / "none"))  # fmt: skip
        assert plain.exit_code == 6
        assert "meant to be reached with TLS" in plain.stderr
        assert "No such file" in desk.run("--ca-file", "/none.pem", "orders", "list").stderr
        assert "both or neither" in desk.run("--cert-file", certificate, "orders", "list").stderr
