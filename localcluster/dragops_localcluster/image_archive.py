"""OCI archives without any builder: the same files give the same bytes, on every machine."""

import hashlib
import io
import json
import tarfile
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Blob:
    """Some bytes and their SHA-256, which takes a second for a large layer."""

    content: bytes
    digest: str

    @classmethod
    def of(cls, content: bytes) -> "Blob":
        """Hash the bytes, once."""
        return cls(content, hashlib.sha256(content).hexdigest())

    def described(self, media_type: str) -> dict[str, object]:
        """Give the descriptor by which other blobs refer to this one."""
        digest = f"sha256:{self.digest}"
        return {"mediaType": media_type, "digest": digest, "size": len(self.content)}


@dataclass(frozen=True, slots=True)
class Image:
    """A name without tag, the layers from the bottom up, and how to start it."""

    name: str
    layers: tuple[Blob, ...]
    config: dict[str, object]

    @property
    def reference(self) -> str:
        """The name with the hash of the contents as tag: another content is another reference."""
        return f"{self.name}:{self.description().digest[:16]}"

    def description(self) -> Blob:
        """Give the image's config file."""
        digests = [layer.digest for layer in self.layers]
        document = {
            "architecture": "amd64",
            "os": "linux",
            "created": EPOCH,
            "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
            "history": [{"created": EPOCH} for _ in digests],
        }
        return Blob.of(json.dumps(document, sort_keys=True).encode())

    def archive(self, reference: str | None = None, *, without: Set[str] = frozenset()) -> bytes:
        """Give what ``ctr images import`` reads, less the blobs that the node has already."""
        config, manifest = self.description(), self._manifest()
        described = {
            **manifest.described("application/vnd.oci.image.manifest.v1+json"),
            "annotations": {"io.containerd.image.name": reference or self.reference},
        }
        index = {"schemaVersion": 2, "manifests": [described]}
        files = {
            "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
            "index.json": json.dumps(index).encode(),
        }
        blobs = [blob for blob in (config, manifest, *self.layers) if blob.digest not in without]
        return _tar(files | {f"blobs/sha256/{blob.digest}": blob.content for blob in blobs})

    def _manifest(self) -> Blob:
        document = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": self.description().described("application/vnd.oci.image.config.v1+json"),
            "layers": [
                layer.described("application/vnd.oci.image.layer.v1.tar") for layer in self.layers
            ],
        }
        return Blob.of(json.dumps(document, sort_keys=True).encode())


def layer_of(folder: Path, place: str = "/") -> Blob:
    """Pack a folder: sorted, owned by root, without times, modes independent of the umask."""
    out = io.BytesIO()
    root = PurePosixPath(place).relative_to("/")
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for parent in [*reversed(root.parents), root][1:]:
            tar.addfile(_entry(folder, str(parent)))
        for path in sorted(folder.rglob("*")):
            entry = _entry(path, str(root / path.relative_to(folder)))
            if entry.isreg():
                with path.open("rb") as content:
                    tar.addfile(entry, content)
            else:
                tar.addfile(entry)
    return Blob.of(out.getvalue())


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


def _tar(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()
