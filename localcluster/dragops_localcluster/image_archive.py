"""Docker archives without Docker: the same files give the same bytes, on every machine."""

import functools
import hashlib
import io
import json
import tarfile
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

    def archive(self, reference: str | None = None) -> bytes:
        """Give what ``docker load`` and ``ctr images import`` read."""
        config = f"{_sha256(self.description())}.json"
        layers = {f"{_sha256(layer)}.tar": layer for layer in self.layers}
        manifest = {
            "Config": config,
            "RepoTags": [reference or self.reference],
            "Layers": [f"{_sha256(layer)}.tar" for layer in self.layers],
        }
        files = {config: self.description(), **layers}
        return _tar(files | {"manifest.json": json.dumps([manifest]).encode()})


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
