"""The chart makes what it says, and refuses what it does not know."""

import json
import re
from typing import Any

import pytest
import yaml
from pydantic.alias_generators import to_camel

from dragops_api.issuers import OidcIssuer
from dragops_api.settings import read_settings
from support.chart import (
    CHART,
    EVERYTHING,
    ROOT,
    VALUES,
    Object,
    helm,
    named,
    of_kind,
    pod_specs,
    render,
)

REFUSED: list[dict[str, Any]] = [
    {"unknown": 1},
    {"images": {"web": "x"}},
    {"images": {"api": ""}},
    {"api": {"replicas": 2}},
    {"api": {"service": {"nodePort": 70000}}},
    {"api": {"service": {"type": "ExternalName"}}},
    {"operator": {"resources": {"requests": {"gpu": 1}}}},
    {"recorder": {"port": 1}},
    {"store": {"path": "/data"}},
    {"networkPolicy": {"enabled": "yes"}},
    {"networkPolicy": {"apiServer": {"cidrs": []}}},
    {"user": {"name": "x"}},
    {"crds": {"keep": True}},
    {"workspaces": []},
    {"workspaces": ["*"]},
    {"workspaces": ["a", "a"]},
    {"oidc": [{"issuer": "https://x"}]},
    {"oidc": [{"issuer": "http://x", "audiences": ["a"]}]},
    {"oidc": [{"issuer": "https://x", "audiences": []}]},
    {"oidc": [{"issuer": "https://x", "audiences": ["a"], "algorithms": ["HS256"]}]},
    {"oidc": [{"issuer": "https://x", "audiences": ["a"], "usernamePrefix": "system:"}]},
    {"oidc": [{"issuer": "https://x", "audiences": ["a"], "clientSecret": "s"}]},
    {"publicUrl": "hooks.example.com"},
    {"publicUrl": "https://hooks.example.com/"},
    {"defaultWorkspace": "elsewhere"},
]


def test_lint_is_content() -> None:
    """Warnings count as errors."""
    done = helm("lint", "--strict", str(CHART))

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("values", REFUSED, ids=str)
def test_values_that_mean_nothing_are_refused(values: dict[str, Any]) -> None:
    """A misspelt key must not be silently ignored."""
    assert helm("template", "dragops", str(CHART), values=values).returncode != 0


def test_every_value_has_a_default_and_every_default_a_schema() -> None:
    """values.yaml is the list of what can be set."""
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    assert set(_paths_of_schema(schema)) - {("global",)} == set(_paths_of_values(values, schema))


@pytest.mark.parametrize("values", VALUES, ids=["defaults", "everything", "least"])
def test_an_object_is_made_once_and_with_a_place(values: dict[str, Any]) -> None:
    """Names do not clash; what has a namespace says which."""
    objects = render(**values)
    names = [
        (found["kind"], found["metadata"].get("namespace"), found["metadata"]["name"])
        for found in objects
    ]

    assert len(names) == len(set(names))
    assert [name for name in names if (name[1] is None) != name[0].startswith(_CLUSTERWIDE)] == []


@pytest.mark.parametrize("values", VALUES, ids=["defaults", "everything", "least"])
def test_every_pod_keeps_to_the_restricted_profile(values: dict[str, Any]) -> None:
    """Pod Security "restricted", a read-only root, and no token that was not asked for."""
    pods = pod_specs(render(**values))

    assert len(pods) == 2
    for pod in pods:
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert [volume for volume in pod["volumes"] if "hostPath" in volume] == []
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_every_container_has_probes_and_bounds() -> None:
    """A stuck process is found, a greedy one is stopped."""
    for pod in pod_specs(render()):
        for container in pod["containers"]:
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
            assert "memory" in container["resources"]["limits"]
            assert container["image"].startswith("localhost/dragops-")


@pytest.mark.parametrize("values", VALUES, ids=["defaults", "everything", "least"])
def test_every_mount_has_its_volume(values: dict[str, Any]) -> None:
    """A mount of nothing is found out by the scheduler, too late."""
    for workload in of_kind(render(**values), "Deployment", "StatefulSet"):
        spec = workload["spec"]
        volumes = {volume["name"] for volume in spec["template"]["spec"]["volumes"]}
        volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", [])}
        mounts = {
            mount["name"]
            for container in spec["template"]["spec"]["containers"]
            for mount in container["volumeMounts"]
        }
        assert mounts == volumes


def test_tokens_are_for_one_audience_each() -> None:
    """The API calls engines and the recorder, the operator calls engines."""
    audiences = {
        workload["metadata"]["name"]: sorted(_audiences(workload))
        for workload in of_kind(render(), "Deployment", "StatefulSet")
    }

    assert audiences == {
        "dragops-operator": ["dragops-engine"],
        "dragops-api": ["dragops-engine", "dragops-recorder"],
    }


def test_there_is_one_writer_of_each_thing() -> None:
    """Two operators or two recorders at a time would fight."""
    objects = render()
    operator = named(objects, "Deployment", "dragops-operator")["spec"]
    api = named(objects, "StatefulSet", "dragops-api")["spec"]

    assert (operator["replicas"], operator["strategy"]) == (1, {"type": "Recreate"})
    assert api["replicas"] == 1
    assert [claim["metadata"]["name"] for claim in api["volumeClaimTemplates"]] == ["runs"]


def test_the_definitions_are_the_ones_of_the_model() -> None:
    """crds/ is made from dragops.model; the chart carries the same files."""
    wanted = {path.name: path.read_bytes() for path in (ROOT / "crds").glob("*.yaml")}

    assert {path.name for path in (ROOT / "crds").glob("*.yaml")} != set()
    assert {path.name: path.read_bytes() for path in (CHART / "files/crds").iterdir()} == wanted


def test_definitions_outlive_the_chart() -> None:
    """helm uninstall must not delete everybody's patterns with their kinds."""
    made = {crd["metadata"]["name"]: crd for crd in of_kind(render(), "CustomResourceDefinition")}
    files = [yaml.safe_load(path.read_text()) for path in (ROOT / "crds").glob("*.yaml")]

    for crd in made.values():
        annotations = crd["metadata"].pop("annotations")
        assert annotations == {"helm.sh/resource-policy": "keep"}
    assert made == {crd["metadata"]["name"]: crd for crd in files}


def test_no_property_of_a_definition_is_read_as_true() -> None:
    """Helm and kubectl read YAML 1.1, where a plain y is the word true; Python does not."""
    done = helm("template", "dragops", str(CHART), "--show-only", "templates/crds.yaml")

    assert "'y':" in done.stdout
    assert re.findall(r"^ *(?:y|n|Y|N|yes|no|on|off):", done.stdout, re.MULTILINE) == []


def test_what_can_be_left_out_is_left_out() -> None:
    """Switches switch."""
    least = {found["kind"] for found in render(**VALUES[2])}

    assert not least & {"CustomResourceDefinition", "NetworkPolicy", "Namespace"}
    assert "dragops-user" not in {found["metadata"]["name"] for found in render()}


def test_addresses_follow_the_values() -> None:
    """Webhook addresses are what senders see; the recorder is where engines find it."""
    objects = render(**EVERYTHING)
    operator = _environment(objects, "Deployment", "dragops-operator", "operator")
    api = _environment(objects, "StatefulSet", "dragops-api", "api")
    service = named(objects, "Service", "dragops-api")["spec"]

    assert operator["DRAGOPS_PUBLIC_URL"] == "https://hooks.example.com"
    assert operator["DRAGOPS_RECORDER_URL"] == "http://dragops-recorder.dragops.svc:8082"
    assert operator["DRAGOPS_WORKSPACES"] == api["DRAGOPS_WORKSPACES"] == "team-a,team-b"
    assert api["DRAGOPS_DEFAULT_WORKSPACE"] == "team-b"
    assert (service["type"], service["ports"][0]["nodePort"]) == ("NodePort", 30080)


def test_issuers_reach_the_api_as_the_values_name_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the chart's schema takes, the API takes too; their keys can be fetched."""
    objects = render(**EVERYTHING)
    sent = _environment(objects, "StatefulSet", "dragops-api", "api")["DRAGOPS_OIDC"]
    monkeypatch.setenv("DRAGOPS_OIDC", sent)
    policy = named(objects, "NetworkPolicy", "dragops-api")["spec"]

    assert json.loads(sent) == EVERYTHING["oidc"]
    assert [issuer.as_json() for issuer in read_settings().oidc] == EVERYTHING["oidc"]
    assert policy["egress"][-1] == {"ports": [{"port": 8443}, {"port": 443}]}
    assert "DRAGOPS_OIDC" not in _environment(render(), "StatefulSet", "dragops-api", "api")


def test_the_schema_knows_every_setting_of_an_issuer_and_no_other() -> None:
    """values.yaml lists them in a comment, as a list has no defaults."""
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())
    comment = (CHART / "values.yaml").read_text()
    names = {to_camel(name) for name in OidcIssuer.model_fields}

    assert schema["definitions"]["issuer"]["properties"].keys() == names
    assert set(re.findall(r"^#   (\w+):", comment, re.MULTILINE)) == names


_CLUSTERWIDE = ("Cluster", "Custom", "Namespace")


def _environment(objects: list[Object], kind: str, name: str, container: str) -> dict[str, str]:
    pod = named(objects, kind, name)["spec"]["template"]["spec"]
    (found,) = [each for each in pod["containers"] if each["name"] == container]
    return {entry["name"]: entry["value"] for entry in found["env"]}


def _audiences(workload: Object) -> list[str]:
    volumes = workload["spec"]["template"]["spec"]["volumes"]
    sources = [
        source for volume in volumes for source in volume.get("projected", {}).get("sources", [])
    ]
    tokens = [
        source["serviceAccountToken"] for source in sources if "serviceAccountToken" in source
    ]
    return [token["audience"] for token in tokens if "audience" in token]


def _paths_of_schema(schema: Object, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    properties = schema.get("properties")
    if not properties:
        return [at]
    return [path for key in properties for path in _paths_of_schema(properties[key], (*at, key))]


def _paths_of_values(
    values: Any, schema: Object, at: tuple[str, ...] = ()
) -> list[tuple[str, ...]]:
    if "properties" not in schema:
        return [at]
    return [
        path
        for key, value in values.items()
        for path in _paths_of_values(value, schema["properties"][key], (*at, key))
    ]
