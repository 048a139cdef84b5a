"""What a schedule's pod has mounted, read and checked as an engine would.

Two ConfigMaps, and the Secret of the deployment's Environment: a pod that was made before the
Environment changed has the one that was in force then.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dragops.engine.environment import NO_ENVIRONMENT, Environment, environment
from dragops.engine.program import LoadedProgram, load_program
from dragops.errors import Refused
from dragops.model.bundle import (
    LIVE_FILE,
    MANIFEST_FILE,
    PROGRAM_FILE,
    SIGNATURE_FILE,
    Live,
    verified,
)
from dragops.model.stored_program import ProgramFiles, inflated


def read_live(folder: Path, *, key: Ed25519PublicKey, namespace: str) -> Live:
    """Read the live ConfigMap; raise Refused unless the operator signed it."""
    # the kubelet swaps the folder behind the links: both files must come from one of them
    place = (folder / LIVE_FILE).resolve().parent
    data, signature = _bytes(place / LIVE_FILE), _bytes(place / SIGNATURE_FILE)
    text = signature.decode("ascii", "replace").strip()
    return verified(data, text, key=key, namespace=namespace)


def read_program(folder: Path, live: Live) -> LoadedProgram:
    """Load the mounted program; it must be the live one, or one of those before it.

    A pod that was made before a version switch has the older program mounted, and may run it.
    """
    files = ProgramFiles(_text(folder), _bytes(folder / MANIFEST_FILE))
    refusals = []
    for pointer in (live.program, *live.previous):
        if pointer is None:
            continue
        try:
            return load_program(live, pointer, files)
        except Refused as exc:
            refusals.append(str(exc))
    raise Refused("; ".join(refusals) or "no program is live")


def read_environment(folder: Path, live: Live) -> Environment:
    """Read the mounted Secret; without one there are no secrets."""
    named = live.environment
    if named is None:
        return NO_ENVIRONMENT
    # dots begin the kubelet's own names
    files = [path for path in folder.glob("[!.]*") if path.is_file()] if named.secret_name else []
    secrets = {path.name: _bytes(path).decode("utf-8", "replace") for path in files}
    return environment(named.variables, secrets)


def _text(folder: Path) -> bytes:
    packed = folder / f"{PROGRAM_FILE}.gz"
    if not packed.exists():
        return _bytes(folder / PROGRAM_FILE)
    return inflated(_bytes(packed), packed.name)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise Refused(f"{path.name} is not mounted: {exc.strerror}") from exc
