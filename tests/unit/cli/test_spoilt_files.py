"""Files that were good once: the command says what is wrong with them, whatever that is."""

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given

from dragops.cli.documents import check_other, is_pattern, pattern_of
from dragops.cli.files import read_documents
from dragops.cli.verdicts import judge
from dragops.errors import BadInput
from dragops.model.yaml_text import yaml_of
from dragops_api.portable import export_of
from support.spoilt_documents import manifest, seeds, spoilt, spoilt_text


@given(seeds)
def test_a_spoilt_file_is_judged_or_refused(seed: int) -> None:
    """JSON and YAML, exports and manifests: parts of another shape, bytes of another kind."""
    random, object_ = Random(seed), manifest(seed)
    exported = export_of(object_).model_dump(mode="json", by_alias=True, exclude_unset=True)
    for document in (object_, exported, exported | {"id": "pat_1"}):
        broken = spoilt(document, random)
        check(json.dumps(broken).encode())
        check(spoilt_text(json.dumps(document, indent=1).encode(), random))
        check(spoilt_text(yaml_of(document).encode(), random))


def check(text: bytes) -> None:
    """Do what ``dragops check`` does with a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "pattern")
        path.write_bytes(text)
        try:
            verdicts = [verdict_on(document) for document in read_documents(str(path))]
        except BadInput:
            return
    assert verdicts


def verdict_on(document: Any) -> dict[str, Any]:
    return judge(pattern_of(document)) if is_pattern(document) else {"ours": check_other(document)}
