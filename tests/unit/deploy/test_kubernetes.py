"""The Kubernetes manifests: right by Kubernetes' own schemas, and in step with the server that they run."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from returns_server.cli import main
from returns_server.config import Settings, leaves, read_settings, variable
from returns_server.transport.probe import LIVENESS, READINESS

FOLDER = Path(__file__).parents[3] / "deploy/kubernetes"
# The oldest in which a container may sleep before it stops, and the newest of the schemas.
VERSIONS = ("1.30", "1.37")

Manifest = dict[str, Any]


def manifests() -> list[Manifest]:
    """Those of the servers, and of the relay, which is a component to be chosen."""
    return [one for folder in (FOLDER, FOLDER / "relay") for one in _listed(folder)]


def _listed(folder: Path) -> list[Manifest]:
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    assert sorted([*listed, "kustomization.yaml"]) == sorted(path.name for path in folder.iterdir() if path.is_file())
    return [one for name in listed for one in yaml.safe_load_all((folder / name).read_text())]


def manifest(kind: str, name: str = "returns") -> Manifest:
    [found] = [one for one in manifests() if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


def pods() -> Iterator[Manifest]:
    for one in (manifest("Deployment"), manifest("Deployment", "returns-relay"), manifest("Job", "returns-migrate")):
        yield one["spec"]["template"]


def server() -> Manifest:
    [container] = manifest("Deployment")["spec"]["template"]["spec"]["containers"]
    assert isinstance(container, dict)
    return container


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("one", manifests(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_each_is_right_by_the_schema(one: Manifest, version: str) -> None:
    kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize(
    ("path", "value"),
    [(("spec", "replica"), 2), (("spec", "replicas"), "two"), (("spec", "template", "spec", "containers"), None)],
)
def test_the_check_would_find_a_mistake(path: tuple[str, ...], value: object) -> None:
    wrong = copy.deepcopy(manifest("Deployment"))
    place = wrong
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


def test_all_of_them_live_in_one_namespace_that_enforces_the_strictest_profile() -> None:
    namespace = manifest("Namespace")
    assert namespace["metadata"]["labels"] == {"pod-security.kubernetes.io/enforce": "restricted"}
    others = [one["metadata"]["namespace"] for one in manifests() if one["kind"] != "Namespace"]
    assert set(others) == {namespace["metadata"]["name"]}


def test_probes_ask_for_what_the_server_tells() -> None:
    port = Settings.model_fields["listen"].default.port
    assert server()["startupProbe"]["grpc"] == {"port": port, "service": LIVENESS}
    assert server()["livenessProbe"]["grpc"] == {"port": port, "service": LIVENESS}
    assert server()["readinessProbe"]["grpc"] == {"port": port, "service": READINESS}
    assert {"name": "grpc", "containerPort": port} in server()["ports"]


def test_pods_are_closed() -> None:
    for pod in pods():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        # Or a Service called "returns" would put variables named RETURNS_… into the pod.
        assert spec["enableServiceLinks"] is False
        security = spec["securityContext"]
        assert security["runAsNonRoot"] is True
        assert f"{security['runAsUser']}:{security['runAsGroup']}" == user_of_the_image()
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"/tmp", "/var/lib/returns"} <= {mount["mountPath"] for mount in container["volumeMounts"]}
            assert container["args"][0] in main.commands
            assert {"requests", "limits"} == set(container["resources"])


def user_of_the_image() -> str:
    [line] = [line for line in (FOLDER.parents[1] / "Dockerfile").read_text().splitlines() if line.startswith("USER ")]
    return line.removeprefix("USER ")


def test_a_server_may_end_in_its_own_time() -> None:
    sleeps = server()["lifecycle"]["preStop"]["sleep"]["seconds"]
    grace = float(manifest("ConfigMap")["data"]["RETURNS_SHUTDOWN_GRACE_SECONDS"])
    allowed = manifest("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert sleeps > 0
    assert allowed >= sleeps + 2 * grace


def test_at_least_one_of_two_is_always_there() -> None:
    deployment = manifest("Deployment")["spec"]
    assert deployment["replicas"] == 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert manifest("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_selectors_mean_the_servers_and_not_the_migration() -> None:
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    others = manifest("Job", "returns-migrate")["spec"]["template"]["metadata"]["labels"]
    selectors = [
        manifest("Deployment")["spec"]["selector"]["matchLabels"],
        manifest("Service")["spec"]["selector"],
        manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
    ]
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert not selector.items() <= others.items()
    policy = manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"]
    assert policy.items() <= labels.items()
    assert policy.items() <= others.items()


def test_only_the_servers_ports_can_be_called_and_by_named_namespaces_alone() -> None:
    rules = manifest("NetworkPolicy")["spec"]["ingress"]
    ports = [port["port"] for rule in rules for port in rule["ports"]]
    assert sorted(ports) == sorted(port["containerPort"] for port in server()["ports"])
    assert all(peer["namespaceSelector"]["matchLabels"] for rule in rules for peer in rule["from"])


def test_a_server_takes_the_settings_as_they_stand_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = manifest("ConfigMap")["data"]
    known = {variable(path) for path, _ in leaves(Settings)}
    assert set(data) <= known
    for name in known:
        monkeypatch.delenv(name, raising=False)
    [mount] = [mount for mount in server()["volumeMounts"] if mount["name"] == "auth"]
    [(name, content)] = manifest("ConfigMap", "returns-auth")["data"].items()
    assert data["RETURNS_AUTH_FILE"] == f"{mount['mountPath']}/{name}"
    (tmp_path / name).write_text(content)
    for setting, value in {**data, "RETURNS_AUTH_FILE": str(tmp_path / name)}.items():
        monkeypatch.setenv(setting, value)
    # From the Secret, and from the image.
    monkeypatch.setenv("RETURNS_DATABASE_URL", "postgresql://returns:x@db.internal/returns")
    monkeypatch.setenv("RETURNS_LISTEN", "0.0.0.0:50051")
    settings = read_settings()
    assert settings.metrics_listen is not None
    assert {"name": "metrics", "containerPort": settings.metrics_listen.port} in server()["ports"]


def test_the_relay_is_an_optional_component_with_a_policy_of_its_own() -> None:
    servers, own = (
        yaml.safe_load((folder / "kustomization.yaml").read_text()) for folder in (FOLDER, FOLDER / "relay")
    )
    assert (own["kind"], servers.get("components")) == ("Component", None)
    deployment, policy = (
        manifest("Deployment", "returns-relay")["spec"],
        manifest("NetworkPolicy", "returns-relay")["spec"],
    )
    labels = deployment["template"]["metadata"]["labels"]
    assert deployment["selector"]["matchLabels"] == policy["podSelector"]["matchLabels"] == labels
    # No server is meant by what means the relay, and the other way round; what all pods may do holds for it too.
    assert manifest("Deployment")["spec"]["selector"]["matchLabels"].items() - labels.items()
    assert manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    [container] = deployment["template"]["spec"]["containers"]
    assert container["args"] == ["relay"]
    data = manifest("ConfigMap", "returns-relay")["data"]
    assert set(data) <= {variable(path) for path, _ in leaves(Settings)}
    port = int(data["RETURNS_NATS_URL"].rpartition(":")[2])
    assert [rule["ports"] for rule in policy["egress"]] == [[{"protocol": "TCP", "port": port}]]
    [metrics] = container["ports"]
    assert metrics["containerPort"] == int(data["RETURNS_METRICS_LISTEN"].rpartition(":")[2])
    assert container["livenessProbe"]["httpGet"] == {"path": "/metrics", "port": metrics["name"]}
