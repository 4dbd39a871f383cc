"""The compose file: of the right shape, with names that exist, and as closed as `docs/deploying.md` says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from returns_server.cli import main
from returns_server.config import Settings, leaves, variable

FOLDER = Path(__file__).parents[3] / "deploy/compose"


def interpolated(text: str) -> str:
    """With the defaults of its variables, and a value for the one that has none."""
    given = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    required = re.compile(r"\$\{(\w+):\?[^}]*\}")
    assert set(required.findall(given)) == {"POSTGRES_PASSWORD"}
    return required.sub("secret", given)


COMPOSE: dict[str, Any] = yaml.safe_load(interpolated((FOLDER / "compose.yaml").read_text()))
SERVICES: dict[str, Any] = COMPOSE["services"]


def judged(compose: dict[str, Any]) -> PyCompose:
    return PyCompose.from_json(json.dumps(compose))


def test_it_is_of_the_compose_specification() -> None:
    compose = judged(COMPOSE)
    compose.validate()
    assert sorted(compose.service_names()) == ["migrate", "nats", "postgres", "prometheus", "relay", "returns"]
    assert compose.to_spec().services


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("read_onyl", True, "read_onyl"),
        ("read_only", {"yes": 1}, "expected a boolean"),
        ("restart", "sometimes", "sometimes"),
        ("configs", [{"source": "nowhere"}], "nowhere"),
    ],
)
def test_the_check_would_find_a_mistake(name: str, value: object, found: str) -> None:
    wrong = {**COMPOSE, "services": {**SERVICES, "returns": {**SERVICES["returns"], name: value}}}
    with pytest.raises(ValueError, match=found):
        judged(wrong).validate()


def test_two_servers_start_when_the_schema_is_there() -> None:
    returns = SERVICES["returns"]
    assert returns["deploy"]["replicas"] == 2
    assert returns["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["command"][0] in main.commands
    _, program, *arguments = returns["healthcheck"]["test"]
    assert program == "returns-server"
    with main.commands[arguments[0]].make_context(arguments[0], arguments[1:]) as context:
        assert context.params["readiness"] is True


def test_the_relay_publishes_to_the_nats_beside_it() -> None:
    relay, config = SERVICES["relay"], (FOLDER / "nats.conf").read_text()
    assert relay["command"][0] in main.commands
    assert relay["environment"]["RETURNS_NATS_URL"] == "nats://nats:4222"
    assert relay["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    # JetStream keeps its streams on the volume, and takes the largest event there is.
    [volume] = SERVICES["nats"]["volumes"]
    assert f"store_dir: {volume.partition(':')[2]}" in config
    assert "max_payload: 8MB" in config


@pytest.mark.parametrize("name", ["migrate", "returns", "relay"])
def test_ours_are_closed(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {mount.split(":")[0] for mount in service["tmpfs"]} == {"/tmp", "/var/lib/returns"}


def test_nothing_is_open_beyond_this_machine() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port["host_ip"] == "127.0.0.1" for port in published)


def test_variables_are_settings_and_files_are_there() -> None:
    known = {variable(path) for path, _ in leaves(Settings)}
    given = {name for one in ("migrate", "returns", "relay") for name in SERVICES[one]["environment"]}
    assert given <= known
    files = {name: FOLDER / config["file"] for name, config in COMPOSE["configs"].items()}
    # The operator's own, AUTH_FILE.
    assert not files.pop("auth").exists()
    assert len(files) == 3
    assert all(file.is_file() for file in files.values())


def test_every_replica_is_scraped_as_the_alerts_expect() -> None:
    scraping = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    [job] = scraping["scrape_configs"]
    assert job["job_name"] == "returns"
    [found] = job["dns_sd_configs"]
    port = SERVICES["returns"]["environment"]["RETURNS_METRICS_LISTEN"].rpartition(":")[2]
    assert (found["names"], found["port"]) == (["returns", "relay"], int(port))
    assert SERVICES["relay"]["environment"]["RETURNS_METRICS_LISTEN"].rpartition(":")[2] == port
    assert scraping["rule_files"] == [SERVICES["prometheus"]["configs"][1]["target"]]
