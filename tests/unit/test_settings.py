"""Settings: what the environment may say, and how everything wrong with it is told at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from returns_server.addresses import Address
from returns_server.config import Settings, SettingsInvalid, read_settings
from returns_server.issuers import Algorithm, AuthFile, read_auth_file
from returns_server.setting_groups import LogLevel
from returns_server.settings_table import masked_url, settings_markdown, settings_table, unknown_names

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
AUTH = """
[[issuers]]
issuer = "https://login.shop.example"
audiences = "returns"
algorithms = ["ES256", "RS256"]
jwks_file = "keys.json"
"""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in settings_table():
        monkeypatch.delenv(setting.name, raising=False)


@pytest.fixture
def auth_file(tmp_path: Path) -> Path:
    path = tmp_path / "auth.toml"
    path.write_text(AUTH)
    return path


def problems(monkeypatch: pytest.MonkeyPatch, *, dev: bool = False, **environment: str) -> tuple[str, ...]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as refused:
        read_settings(dev=dev)
    return refused.value.problems


def test_development_needs_no_setting_at_all() -> None:
    settings = read_settings(dev=True)
    assert (str(settings.listen), settings.data_dir, settings.database_url) == ("127.0.0.1:50051", Path("data"), None)


def test_production_refuses_to_start_without_issuers() -> None:
    with pytest.raises(SettingsInvalid, match="RETURNS_AUTH_FILE"):
        read_settings()


def test_commands_that_accept_no_calls_run_with_the_variables_of_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETURNS_LISTEN", "0.0.0.0:50051")
    assert str(read_settings(serving=False).listen) == "0.0.0.0:50051"
    assert len(problems(monkeypatch)) == 2
    assert problems(monkeypatch, RETURNS_WORKERS="2")[0].startswith("RETURNS_LISTEN")
    with pytest.raises(SettingsInvalid, match="RETURNS_WORKERS"):
        read_settings(serving=False)


def test_every_variable_reaches_its_setting(monkeypatch: pytest.MonkeyPatch, auth_file: Path, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("certificate")
    (tmp_path / "key.pem").write_text("key")
    given = {
        "RETURNS_LISTEN": "[::]:443",
        "RETURNS_INSECURE_LISTEN": "true",
        "RETURNS_WORKERS": "3",
        "RETURNS_METRICS_LISTEN": "127.0.0.1:9464",
        "RETURNS_DATA_DIR": "/var/lib/returns",
        "RETURNS_DATABASE_URL": "postgresql://user:secret@db/returns",
        "RETURNS_AUTH_FILE": str(auth_file),
        "RETURNS_TLS_CERT_FILE": str(tmp_path / "cert.pem"),
        "RETURNS_TLS_KEY_FILE": str(tmp_path / "key.pem"),
        "RETURNS_TLS_CLIENT_CA_FILE": str(tmp_path / "cert.pem"),
        "RETURNS_LOG_LEVEL": "DEBUG",
        "RETURNS_LOG_FORMAT": "console",
        "RETURNS_REFLECTION": "true",
        "RETURNS_TRACES_ENDPOINT": "https://collector.shop.example/v1/traces",
        "RETURNS_TRACES_RATIO": "0.5",
        "RETURNS_RATE_PER_CUSTOMER": "1.5",
        "RETURNS_RATE_CUSTOMER_BURST": "2",
        "RETURNS_RATE_PER_CALLER": "3.5",
        "RETURNS_RATE_CALLER_BURST": "4",
        "RETURNS_RATE_PER_TENANT": "5.5",
        "RETURNS_RATE_TENANT_BURST": "6",
        "RETURNS_WRITER_MAX_QUEUE": "11",
        "RETURNS_WRITER_MAX_WAIT_SECONDS": "1.5",
        "RETURNS_WRITER_MAX_BATCH": "12",
        "RETURNS_WRITER_MAX_BATCH_ROWS": "13",
        "RETURNS_WEBHOOKS_KEYS": f"new:{KEY},old:{KEY}",
        "RETURNS_WEBHOOKS_BRIDGE": "false",
        "RETURNS_WEBHOOKS_PORTS": "443,8443",
        "RETURNS_WEBHOOKS_NETWORKS": "10.1.0.0/16,fd00:7::/64",
        "RETURNS_WEBHOOKS_CA_FILE": str(tmp_path / "cert.pem"),
        "RETURNS_WEBHOOKS_MAX_ENDPOINTS": "16",
        "RETURNS_WEBHOOKS_MAX_REDELIVERIES": "17",
        "RETURNS_WEBHOOKS_MAX_IN_FLIGHT": "18",
        "RETURNS_WEBHOOKS_MAX_LAG_DAYS": "20",
        "RETURNS_WEBHOOKS_HISTORY_DAYS": "19",
        "RETURNS_EVENTS_RETENTION": "20d",
        "RETURNS_STREAMS_MAX_PER_TENANT": "21",
        "RETURNS_STREAMS_MAX_PER_CUSTOMER": "22",
        "RETURNS_STREAMS_MAX_AGE_SECONDS": "23.5",
        "RETURNS_NATS_URL": "tls://nats-1:4222,tls://nats-2:4222",
        "RETURNS_NATS_CREDENTIALS_FILE": str(tmp_path / "key.pem"),
        "RETURNS_NATS_USER": "relay",
        "RETURNS_NATS_PASSWORD": "secret",
        "RETURNS_NATS_TOKEN": "secret",
        "RETURNS_NATS_CA_FILE": str(tmp_path / "cert.pem"),
        "RETURNS_NATS_CERT_FILE": str(tmp_path / "cert.pem"),
        "RETURNS_NATS_KEY_FILE": str(tmp_path / "key.pem"),
        "RETURNS_RELAY_STREAM": "EVENTS",
        "RETURNS_RELAY_SUBJECT": "shop.events",
        "RETURNS_RELAY_REPLICAS": "3",
        "RETURNS_RELAY_RETENTION": "30d",
        "RETURNS_RELAY_START": "LATEST",
        "RETURNS_RELAY_LOST_PLACE": "by_time",
        "RETURNS_DEFAULT_DEADLINE_SECONDS": "14.5",
        "RETURNS_EXPIRY_INTERVAL_SECONDS": "15",
        "RETURNS_SEARCH_TIMEOUT_SECONDS": "2.5",
        "RETURNS_IDEMPOTENCY_HOURS": "48",
        "RETURNS_SHUTDOWN_GRACE_SECONDS": "17",
        "RETURNS_MAX_MESSAGE_BYTES": "1000000",
    }
    assert set(given) == {setting.name for setting in settings_table()}, "a setting is missing in this test"
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    assert settings.log.level is LogLevel.DEBUG
    assert settings.listen == Address("::", 443)
    assert settings.tls.on
    shown = {name: value for name, value, _ in settings_table(settings)}
    expected = given | {
        "RETURNS_LOG_LEVEL": "debug",
        "RETURNS_DATABASE_URL": "postgresql://user:***@db/returns",
        "RETURNS_AUTH_FILE": "https://login.shop.example",
        "RETURNS_WEBHOOKS_KEYS": "new:***, old:***",
        "RETURNS_NATS_PASSWORD": "***",
        "RETURNS_NATS_TOKEN": "***",
        "RETURNS_RELAY_START": "latest",
    }
    assert shown == expected


def test_all_problems_are_reported_together_by_the_names_of_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    found = problems(
        monkeypatch,
        RETURNS_LISTEN="somewhere",
        RETURNS_LOG_FORMAT="xml",
        RETURNS_WRITER_MAX_BATCH="0",
        RETURNS_IDEMPOTENCY_HOURS="23",
        RETURNS_TLS_CERT_FILE=__file__,
        RETURNS_DATABASE_URL="mysql://user:secret@db/returns",
        RETURNS_WEBHOOKS_KEYS="one:secret",
        RETURNS_WEBHOOKS_PORTS="443,ftp",
        RETURNS_WEBHOOKS_NETWORKS="10.1.2.3/16",
    )
    named = [problem.partition(":")[0] for problem in found]
    assert sorted(named) == [
        "RETURNS_AUTH_FILE",
        "RETURNS_DATABASE_URL",
        "RETURNS_IDEMPOTENCY_HOURS",
        "RETURNS_LISTEN",
        "RETURNS_LOG_FORMAT",
        "RETURNS_TLS_CERT_FILE and RETURNS_TLS_KEY_FILE",
        "RETURNS_WEBHOOKS_KEYS",
        "RETURNS_WEBHOOKS_NETWORKS",
        "RETURNS_WEBHOOKS_PORTS",
        "RETURNS_WRITER_MAX_BATCH",
    ]
    assert not any("secret" in problem for problem in found)


@pytest.mark.parametrize("listen", ["", ":50051", "host", "host:", "host:x", "host:65536", "host:-1", "::1:50051"])
def test_an_address_that_is_none_is_refused(listen: str) -> None:
    with pytest.raises(SettingsInvalid, match="RETURNS_LISTEN: should be HOST:PORT"):
        read_settings(dev=True, listen=listen)


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "localhost:0", "[::1]:0", "127.8.9.1:0"])
def test_plain_text_is_for_loopback(monkeypatch: pytest.MonkeyPatch, auth_file: Path, listen: str) -> None:
    monkeypatch.setenv("RETURNS_AUTH_FILE", str(auth_file))
    assert str(read_settings(listen=listen).listen) == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.168.1.1:0", "shop.example:0"])
def test_plain_text_beyond_this_machine_has_to_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, auth_file: Path, listen: str
) -> None:
    monkeypatch.setenv("RETURNS_AUTH_FILE", str(auth_file))
    with pytest.raises(SettingsInvalid, match="RETURNS_INSECURE_LISTEN"):
        read_settings(listen=listen)
    monkeypatch.setenv("RETURNS_INSECURE_LISTEN", "true")
    assert str(read_settings(listen=listen).listen) == listen
    with pytest.raises(SettingsInvalid, match="--dev"):
        read_settings(listen=listen, dev=True)


def test_settings_cannot_be_changed() -> None:
    settings = read_settings(dev=True)
    with pytest.raises(ValidationError):
        settings.max_message_bytes = 1
    with pytest.raises(ValidationError):
        settings.writer.max_batch = 1


def test_a_password_shows_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETURNS_DATABASE_URL", "postgresql://user:hunter2@db/returns")
    settings = read_settings(dev=True)
    assert "hunter2" not in f"{settings!r} {settings} {settings_table(settings)} {settings.model_dump()}"
    assert settings.database_url is not None
    assert "hunter2" in settings.database_url.get_secret_value()


def test_nothing_secret_of_nats_shows_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETURNS_NATS_URL", "tls://nats-1:4222, tls://nats-2:4222")
    monkeypatch.setenv("RETURNS_NATS_USER", "relay")
    monkeypatch.setenv("RETURNS_NATS_PASSWORD", "hunter2")
    settings = read_settings(serving=False)
    assert settings.nats.url == ("tls://nats-1:4222", "tls://nats-2:4222")
    assert "hunter2" not in f"{settings!r} {settings_table(settings)} {settings.model_dump()}"
    shown = {setting.name: setting.value for setting in settings_table(settings)}
    assert (shown["RETURNS_NATS_PASSWORD"], shown["RETURNS_NATS_URL"]) == ("***", "tls://nats-1:4222,tls://nats-2:4222")


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"URL": "nats://relay:hunter2@nats:4222"}, "RETURNS_NATS_URL: holds a user"),
        ({"URL": "hunter2"}, "RETURNS_NATS_URL: should be nats://HOST:PORT"),
        ({"URL": "nats://a:4222,tls://b:4222"}, "RETURNS_NATS_URL: should be all nats:// or all tls://"),
        ({"PASSWORD": "hunter2"}, "RETURNS_NATS_USER and RETURNS_NATS_PASSWORD: give both or neither"),
        ({"CERT_FILE": "/dev/null"}, "RETURNS_NATS_CERT_FILE: Path does not point to a file"),
    ],
)
def test_what_is_wrong_about_nats_is_told_without_its_secrets(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], named: str
) -> None:
    found = problems(monkeypatch, dev=True, **{f"RETURNS_NATS_{name}": value for name, value in environment.items()})
    assert [problem.startswith(named) for problem in found] == [True], found
    assert "hunter2" not in str(found)


def test_certificates_for_a_nats_in_plain_text_are_a_mistake(monkeypatch: pytest.MonkeyPatch, auth_file: Path) -> None:
    files = {"RETURNS_NATS_CA_FILE": str(auth_file), "RETURNS_NATS_URL": "nats://nats:4222"}
    assert problems(monkeypatch, dev=True, **files) == ("RETURNS_NATS_CA_FILE: RETURNS_NATS_URL says no tls://",)


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("postgresql://user@db:5433/returns", "postgresql://user@db:5433/returns"),
        ("postgresql://user:p%40ss@db:5433/returns", "postgresql://user:***@db:5433/returns"),
        ("postgresql:///returns?host=/run/pg&password=secret", "postgresql:///returns?***"),
    ],
)
def test_a_database_url_is_shown_without_its_password(url: str, masked: str) -> None:
    assert masked_url(url) == masked


def test_the_table_names_every_setting_with_its_meaning() -> None:
    rows = settings_markdown().splitlines()[2:]
    assert len(rows) == len(settings_table())
    assert all(setting.meaning for setting in settings_table())
    assert "| `RETURNS_WRITER_MAX_BATCH` | `128` | changes that share one commit at most |" in rows


def test_a_typo_is_pointed_out_and_foreign_names_are_not_mistaken_for_one() -> None:
    environment = {"RETURNS_LISTN": "", "RETURNS_SERVICE_HOST": "10.0.0.1", "RETURNS_LISTEN": "", "HOME": "/"}
    assert unknown_names(environment) == [
        "RETURNS_LISTN is not a setting; was RETURNS_LISTEN meant?",
        "RETURNS_SERVICE_HOST is not a setting",
    ]


def test_an_auth_file_is_read_from_toml_and_from_json(auth_file: Path) -> None:
    from_toml = read_auth_file(auth_file)
    assert from_toml.issuers[0].audiences == ("returns",)
    assert from_toml.issuers[0].algorithms == (Algorithm.ES256, Algorithm.RS256)
    assert from_toml.issuers[0].jwks_file == auth_file.parent / "keys.json"
    as_json = auth_file.with_suffix(".json")
    as_json.write_text(from_toml.model_dump_json())
    assert read_auth_file(as_json) == from_toml


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ('["ES256", "RS256"]', '["HS256"]', "issuers[0].algorithms[0]"),
        ('["ES256", "RS256"]', '["none"]', "issuers[0].algorithms[0]"),
        ('["ES256", "RS256"]', "[]", "issuers[0].algorithms"),
        ('"returns"', "[]", "issuers[0].audiences"),
        ('audiences = "returns"', "", "issuers[0].audiences"),
        ('jwks_file = "keys.json"', "", "needs one of jwks_file and jwks_url"),
        ('jwks_file = "keys.json"', 'jwks_url = "http://login.shop.example/keys"', "must be https"),
        ('jwks_file = "keys.json"', 'jwks_url = "https://u:hunter2@shop.example/"', "no user and password"),
        ('jwks_file = "keys.json"', 'jwks_url = "file:///keys"', "must be an https URL"),
        ('jwks_file = "keys.json"', 'jwks_file = "k"\njwks_url = "https://x/"', "needs one of jwks_file and jwks_url"),
        ('audiences = "returns"', 'audiences = "a"\ntenants = ["Acme"]', "issuers[0].tenants[0]"),
        ('audiences = "returns"', 'audiences = "a"\ntenants = ["acme", "*"]', "issuers[0].tenants[1]"),
        ('audiences = "returns"', 'audiences = "a"\ntenants = ["ac*me"]', "issuers[0].tenants[0]"),
        ('audiences = "returns"', 'audiences = "a"\ntenants = []', "issuers[0].tenants"),
        ('audiences = "returns"', 'audiences = "a"\nscopes = []', "issuers[0].scopes"),
        ('audiences = "returns"', 'audiences = "a"\ntoken_types = []', "issuers[0].token_types"),
        ("[[issuers]]", "leeway_seconds = 3000\n[[issuers]]", "leeway_seconds"),
        ("[[issuers]]", "surprise = 1\n[[issuers]]", "surprise"),
        ("[[issuers]]", "[[issuers", "Expected"),
        (AUTH, "", "issuers"),
        (AUTH, AUTH * 2, "more than once"),
    ],
)
def test_a_wrong_auth_file_is_refused_with_the_place(
    monkeypatch: pytest.MonkeyPatch, auth_file: Path, was: str, becomes: str, problem: str
) -> None:
    auth_file.write_text(AUTH.replace(was, becomes))
    (found,) = problems(monkeypatch, RETURNS_AUTH_FILE=str(auth_file))
    assert found.startswith(f"RETURNS_AUTH_FILE: {auth_file}: ")
    assert problem in found
    assert "hunter2" not in found


def test_keys_of_this_machine_may_come_without_encryption() -> None:
    for url in ("http://127.0.0.1:8080/keys", "http://localhost/keys", "http://[::1]/keys"):
        AuthFile.model_validate(
            {"issuers": [{"issuer": "i", "audiences": "a", "algorithms": "ES256", "jwks_url": url}]},
        )


def test_the_settings_model_takes_nothing_that_it_does_not_know() -> None:
    with pytest.raises(ValidationError):
        Settings(surprise=1)  # type: ignore[call-arg]


@pytest.mark.parametrize("text", ["90", "0d", "1.5d", "-1d", "9999999d", "1w", "d", "1d\n"])
def test_a_retention_is_a_number_of_hours_or_days(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    [problem] = problems(monkeypatch, dev=True, RETURNS_EVENTS_RETENTION=text)
    assert problem.startswith("RETURNS_EVENTS_RETENTION: ")


def test_events_are_kept_at_least_as_long_as_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETURNS_EVENTS_RETENTION", "2d")
    assert read_settings(dev=True).events.retention_hours == 48
    [problem] = problems(monkeypatch, dev=True, RETURNS_IDEMPOTENCY_HOURS="49")
    assert problem.startswith("RETURNS_EVENTS_RETENTION: must be at least the 49 h")


def test_client_certificates_take_tls_and_who_vouches_for_them(
    monkeypatch: pytest.MonkeyPatch, auth_file: Path, tmp_path: Path
) -> None:
    grant = '[[certificates]]\nuri = "spiffe://x"\ntenant = "acme"\nscopes = ["returns.returns_read"]\n'
    auth_file.write_text(auth_file.read_text() + grant)
    found = problems(monkeypatch, RETURNS_AUTH_FILE=str(auth_file))
    assert len(found) == 1
    assert "set RETURNS_TLS_CLIENT_CA_FILE" in found[0]
    found = problems(monkeypatch, RETURNS_AUTH_FILE=str(auth_file), RETURNS_TLS_CLIENT_CA_FILE=__file__)
    assert len(found) == 1
    assert found[0].startswith("RETURNS_TLS_CLIENT_CA_FILE: needs RETURNS_TLS_CERT_FILE")


@pytest.mark.parametrize(
    ("grant", "problem"),
    [
        ('tenant = "acme"\nscopes = ["s"]', "needs one of uri, dns and common_name"),
        ('uri = "a"\ndns = "b"\ntenant = "acme"\nscopes = ["s"]', "needs one of uri, dns and common_name"),
        ('uri = "a"\ntenant = "Acme"\nscopes = ["s"]', "certificates[0].tenant"),
        ('uri = "a"\ntenant = "acme"\nscopes = []', "certificates[0].scopes"),
        ('uri = "a"\ntenant = "acme"\nscopes = ["s"]\nuser_type = "CUSTOMER"', "certificates[0].user_type"),
        (f'uri = "{"a" * 256}"\ntenant = "acme"\nscopes = ["s"]', "needs a subject"),
        (
            'uri = "a"\ntenant = "acme"\nscopes = ["s"]\n[[certificates]]\nuri = "a"\ntenant = "two"\nscopes = ["s"]',
            "named more than once: a",
        ),
    ],
)
def test_a_certificate_that_grants_nothing_clear_is_refused(auth_file: Path, grant: str, problem: str) -> None:
    auth_file.write_text(f"[[certificates]]\n{grant}\n")
    with pytest.raises(ValueError, match=re.escape(problem)):
        read_auth_file(auth_file)
