"""OCI archives without any builder: the same files give the same bytes, on every machine."""

import functools
import hashlib
import io
import json
import tarfile
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Image:
    """A name without tag, the layers from the bottom up, and how to start it."""

    name: str
    layers: tuple[bytes, ...]
    config: dict[str, object]

    @property
    def reference(self) -> str:
        """The name with the hash of the contents as tag: another content is another reference."""
        return f"{self.name}:{hashlib.sha256(self.description()).hexdigest()[:16]}"

    def description(self) -> bytes:
        """Give the image's config file."""
        digests = [_sha256(layer) for layer in self.layers]
        document = {
            "architecture": "amd64",
            "os": "linux",
            "created": EPOCH,
            "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
            "history": [{"created": EPOCH} for _ in digests],
        }
        return json.dumps(document, sort_keys=True).encode()

    def archive(self, reference: str | None = None, *, without: Set[str] = frozenset()) -> bytes:
        """Give what ``ctr images import`` reads, less the blobs that the node has already."""
        config, manifest = self.description(), self._manifest()
        described = {
            **_descriptor(manifest, "application/vnd.oci.image.manifest.v1+json"),
            "annotations": {"io.containerd.image.name": reference or self.reference},
        }
        index = {"schemaVersion": 2, "manifests": [described]}
        files = {
            "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
            "index.json": json.dumps(index).encode(),
        }
        blobs = {_sha256(blob): blob for blob in (config, manifest, *self.layers)}
        wanted = {digest: blob for digest, blob in blobs.items() if digest not in without}
        return _tar(files | {f"blobs/sha256/{digest}": blob for digest, blob in wanted.items()})

    def _manifest(self) -> bytes:
        document = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": _descriptor(self.description(), "application/vnd.oci.image.config.v1+json"),
            "layers": [
                _descriptor(layer, "application/vnd.oci.image.layer.v1.tar")
                for layer in self.layers
            ],
        }
        return json.dumps(document, sort_keys=True).encode()


def layer_of(folder: Path, prefix: str = "") -> bytes:
    """Pack a folder: sorted, owned by root, without times, modes independent of the umask."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            entry = _entry(path, prefix + str(path.relative_to(folder)))
            if entry.isreg():
                with path.open("rb") as content:
                    tar.addfile(entry, content)
            else:
                tar.addfile(entry)
    return out.getvalue()


def _entry(path: Path, name: str) -> tarfile.TarInfo:
    entry, status = tarfile.TarInfo(name), path.lstat()
    entry.mode = 0o755 if path.is_dir() or status.st_mode & 0o100 else 0o644
    # Only /tmp and /var/tmp have the sticky bit.
    entry.mode = 0o1777 if status.st_mode & 0o1000 else entry.mode
    if path.is_symlink():
        entry.type, entry.mode, entry.linkname = tarfile.SYMTYPE, 0o777, str(path.readlink())
    elif path.is_dir():
        entry.type = tarfile.DIRTYPE
    else:
        entry.size = status.st_size
    return entry


def _descriptor(blob: bytes, media_type: str) -> dict[str, object]:
    return {"mediaType": media_type, "digest": f"sha256:{_sha256(blob)}", "size": len(blob)}


def _tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


# Layers of 200 MB are asked for by name several times.
@functools.lru_cache(maxsize=32)
def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
