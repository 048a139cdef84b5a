"""Files that were good once: the command says what is wrong with them, whatever that is."""

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings

from dragops.model.yaml_text import yaml_of
from dragops_api.portable import export_of
from support.command import Command
from support.spoilt_documents import manifest, seeds, spoilt, spoilt_text

DEPLOYMENT = {
    "apiVersion": "dragops.dev/v1",
    "kind": "PatternDeployment",
    "metadata": {"name": "d", "labels": {"a": "b"}, "namespace": "n"},
    "spec": {
        "patternRef": {"name": "p"},
        "webhooks": [{"nodeId": "h", "signature": {"scheme": "github"}}],
        "schedules": [{"nodeId": "t", "cronExpression": "* * * * *", "timezone": "UTC"}],
    },
}
ENVIRONMENT = {
    "apiVersion": "dragops.dev/v1",
    "kind": "Environment",
    "metadata": {"name": "e", "annotations": {"a": "b"}},
    "spec": {"variables": {"A": "b"}, "secretRef": {"name": "s"}},
}


@given(seeds)
@settings(max_examples=25)
def test_a_spoilt_file_is_judged_or_refused(seed: int) -> None:
    """JSON and YAML, exports and manifests: parts of another shape, bytes of another kind."""
    random, object_ = Random(seed), manifest(seed)
    exported = export_of(object_).model_dump(mode="json", by_alias=True, exclude_unset=True)
    for document in (object_, exported, exported | {"id": "pat_1"}, DEPLOYMENT, ENVIRONMENT):
        broken = spoilt(document, random)
        check(json.dumps(broken).encode())
        check(spoilt_text(json.dumps(document, indent=1).encode(), random))
        check(spoilt_text(yaml_of(document).encode(), random))


def check(text: bytes) -> None:
    """Look at a file with the command; whatever it has not foreseen is raised."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "pattern")
        path.write_bytes(text)

        ran = Command(Path(folder))("check", str(path))

    assert ran.code in {0, 1, 2}
    assert f"{path}:" in ran.out + ran.err
