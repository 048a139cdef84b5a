"""The two ConfigMaps that engines read: a version's program, and what is live."""

import base64
import gzip

from dragops.model.bundle import (
    LIVE_FILE,
    LIVE_LABEL,
    MANIFEST_FILE,
    PROGRAM_FILE,
    SIGNATURE_FILE,
    Live,
)
from dragops.model.pattern import Metadata
from dragops.model.program import Manifest, Program
from dragops_operator.resources.names import VERSION_LABEL, live_name, program_name
from dragops_operator.resources.owned import Object, child

_PLAIN_BYTES_MAX = 256 * 1024


def program_config_map(owner: Metadata, version: int, program: Program) -> Object:
    """Build the immutable ConfigMap of one version; a long program is kept compressed."""
    name = program_name(owner.name, version, program.digest)
    built = child("v1", "ConfigMap", name, owner, {VERSION_LABEL: str(version)})
    built["metadata"]["annotations"] = {"dragops.dev/digest": program.digest}
    built["immutable"] = True
    built["binaryData"] = {MANIFEST_FILE: base64.b64encode(program.manifest.packed()).decode()}
    text = program.text.encode()
    if len(text) <= _PLAIN_BYTES_MAX:
        built["data"] = {PROGRAM_FILE: program.text}
    else:
        packed = gzip.compress(text, mtime=0)
        built["binaryData"][f"{PROGRAM_FILE}.gz"] = base64.b64encode(packed).decode()
    return built


def read_manifest(stored: Object) -> Manifest:
    """Read the manifest out of a program's ConfigMap."""
    return Manifest.unpacked(base64.b64decode(stored["binaryData"][MANIFEST_FILE]))


def live_config_map(owner: Metadata, live: Live, signature: str) -> Object:
    """Build the signed ConfigMap that is the engines' whole contract."""
    built = child("v1", "ConfigMap", live_name(owner.name), owner, {LIVE_LABEL: "true"})
    built["data"] = {LIVE_FILE: live.canonical().decode(), SIGNATURE_FILE: signature}
    return built
