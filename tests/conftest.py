"""What every test may ask for: real databases, and a run that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import suite_logs
from tests.support.postgres import PostgresServer, drop_database, new_database
from tests.support.postgres_run import PostgresRun
from tools.clients.languages import languages

_FINDINGS = pytest.StashKey[list[str]]()
_RUN = pytest.StashKey[PostgresRun]()
_POSTGRES_FIXTURES = {"postgres_shared_url", "postgres_url", "postgres_server"}

# Where the machine pauses for a moment, no example is to blame; a bound of time is a test of its own.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_configure(config: pytest.Config) -> None:
    worker_input: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker_input is None:
        config.stash[_RUN] = PostgresRun.begin()
    else:
        config.stash[_RUN] = PostgresRun.join(Path(worker_input["postgres_scratch"]))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["postgres_scratch"] = str(node.config.stash[_RUN].scratch)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and _RUN in config.stash:
        config.stash[_RUN].end()


@pytest.fixture(scope="session", autouse=True)
def _logs_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What servers within this process log is looked through at the end, like the logs of the others."""
    with (tmp_path_factory.getbasetemp() / suite_logs.IN_PROCESS).open("a") as file:
        suite_logs.keep(file)
        yield


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run where anything that was logged holds what no log may hold."""
    if hasattr(session.config, "workerinput"):
        return
    factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
    findings = suite_logs.findings_under(factory.getbasetemp())
    session.config.stash[_FINDINGS] = findings
    if findings and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    findings = config.stash.get(_FINDINGS, [])
    if findings:
        terminalreporter.section("personal data or secrets in logs", sep="=", red=True)
        for finding in findings[:50]:
            terminalreporter.write_line(finding)
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ())]
    if any(one.nodeid.startswith("tests/clients/test_scenarios.py") for one in reports):
        terminalreporter.section("clients", sep="-")
        for language in languages():
            lacks = "; ".join(language.lacking())
            played = "played the scenarios" if language.id == "python" else "can play them here: make test-clients"
            terminalreporter.write_line(f"{language.name}: {f'cannot be built here: {lacks}' if lacks else played}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # Asked for by name, or by a fixture that runs a test on both databases.
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if _POSTGRES_FIXTURES.intersection(getattr(item, "fixturenames", ())) or "postgres" in parameters:
            item.add_marker("postgres")


@pytest.fixture(scope="session")
def postgres_shared_url(pytestconfig: pytest.Config) -> str:
    """The URL of the server that all tests share; it must not be stopped or reconfigured."""
    return pytestconfig.stash[_RUN].shared_url()


@pytest.fixture
def postgres_url(postgres_shared_url: str) -> Iterator[str]:
    """The URL of an empty database on the shared server, dropped after the test."""
    url = new_database(postgres_shared_url)
    yield url
    drop_database(postgres_shared_url, url)


@pytest.fixture
def postgres_server(pytestconfig: pytest.Config) -> Iterator[PostgresServer]:
    """A running server of the test's own, which it may stop, crash and restart."""
    with pytestconfig.stash[_RUN].private_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """None for the embedded database, or the URL of an empty PostgreSQL: a test that asks for it runs on both."""
    return request.getfixturevalue("postgres_url") if request.param == "postgres" else None
