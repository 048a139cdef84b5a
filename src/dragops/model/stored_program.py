"""A program as it is stored: out of its ConfigMap, and checked against the digest that is trusted.

A ConfigMap alone proves nothing, as many may write those: what counts is the digest in the signed
live bundle, or in a status that only the operator writes.
"""

import base64
import binascii
import zlib
from typing import Any, NamedTuple

import orjson

from dragops.errors import Refused
from dragops.model.bundle import MANIFEST_FILE, PROGRAM_FILE
from dragops.model.program import Manifest, Program, program_digest

STORED_MAX = 32 * 1024 * 1024
"""Who may write ConfigMaps must not be able to fill the memory of who reads them."""


class ProgramFiles(NamedTuple):
    """A program as it is stored."""

    text: bytes
    packed_manifest: bytes


def program_files(config_map: dict[str, Any]) -> ProgramFiles:
    """Take a program out of its ConfigMap; Refused when it is none."""
    name = config_map["metadata"]["name"]
    packed = {k: decoded(v) for k, v in (config_map.get("binaryData") or {}).items()}
    text = (config_map.get("data") or {}).get(PROGRAM_FILE)
    if MANIFEST_FILE not in packed:
        raise Refused(f"ConfigMap {name} lacks {MANIFEST_FILE}")
    if text is not None:
        return ProgramFiles(text.encode(), packed[MANIFEST_FILE])
    if f"{PROGRAM_FILE}.gz" not in packed:
        raise Refused(f"ConfigMap {name} lacks {PROGRAM_FILE}")
    unpacked = inflated(packed[f"{PROGRAM_FILE}.gz"], f"ConfigMap {name}: {PROGRAM_FILE}.gz")
    return ProgramFiles(unpacked, packed[MANIFEST_FILE])


def checked_program(files: ProgramFiles, digest: str, *, name: str) -> Program:
    """Read a program; Refused when it is not the one with this digest."""
    canonical = inflated(files.packed_manifest, f"{name}: {MANIFEST_FILE}")
    if program_digest(files.text, canonical) != digest:
        raise Refused(f"program {name}: its digest is not the one that was signed")
    return Program(files.text.decode(), Manifest.model_validate(orjson.loads(canonical)))


def inflated(packed: bytes, what: str) -> bytes:
    """Unpack gzip up to a limit; Refused beyond it, and for what is no gzip."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        data = inflater.decompress(packed, STORED_MAX)
    except zlib.error as exc:
        raise Refused(f"{what} is not gzip") from exc
    if inflater.unconsumed_tail:
        raise Refused(f"{what} holds more than {STORED_MAX} bytes")
    return data


def decoded(text: str) -> bytes:
    """Read base64; Refused when it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise Refused("an object's data is not base64") from exc
