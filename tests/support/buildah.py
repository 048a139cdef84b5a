"""Builds a Dockerfile for real, with Debian's buildah: no engine, no registry, nothing kept.

The base images are our own base layer, as no other can be had without a registry; the one that
builds has pip in it, too.
"""

import configparser
import hashlib
import json
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragops_localcluster.base_image import base_layer
from dragops_localcluster.cache import cache_folder
from dragops_localcluster.image_archive import Blob, Image, layer_of
from dragops_localcluster.progress import Progress

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# Its format, how it is checked, and the hash of its source. The rest is the compiler's choice:
# Python 3.11.2 and 3.11.7 give different bytes for a few sources.
BYTECODE_HEAD = 16
PIP_SETTINGS = ("index-url", "extra-index-url", "proxy", "trusted-host", "timeout")


@dataclass(frozen=True)
class Entry:
    """One file of a layer, less its time; a folder has no content, a link its target."""

    kind: str
    mode: str
    content: str


@dataclass(frozen=True)
class Buildah:
    """A builder with a storage of its own, below one folder."""

    folder: Path

    def load_bases(self, progress: Progress) -> None:
        """Give it ``localhost/base``, and ``localhost/build`` that has pip."""
        base = base_layer(progress)
        (pip,) = (cache_folder() / "uv" / "lib").glob("python3*/site-packages/pip")
        with_pip = layer_of(pip, "/usr/lib/python3/dist-packages/pip")
        self._load("base", (base,))
        self._load("build", (base, with_pip))

    def build(self, dockerfile: Path, context: Path) -> tuple[dict[str, Any], list[Path]]:
        """Build an image; give its settings and the layers above the base."""
        settings = self.folder / "pip.conf"
        settings.write_text(_pip_settings())
        self._run(
            *["build", "--isolation=chroot", "--network=host", "--layers=false"],
            *["--build-arg=BASE=localhost/base", "--build-arg=BUILD_BASE=localhost/build"],
            f"--volume={settings}:/etc/pip.conf:ro",
            f"--volume={CERTIFICATES}:{CERTIFICATES}:ro",
            *[f"--file={dockerfile}", "--tag=localhost/built", str(context)],
        )
        out = self.folder / dockerfile.parent.name
        self._run("push", "--format=oci", "localhost/built", f"oci:{out}:built")
        return _read(out)

    def _load(self, name: str, layers: tuple[Blob, ...]) -> None:
        archive = self.folder / f"{name}.tar"
        archive.write_bytes(Image(f"localhost/{name}", layers, {}).archive())
        identity = self._run("pull", f"oci-archive:{archive}").split()[-1]
        self._run("tag", identity, f"localhost/{name}")

    def _run(self, *words: str) -> str:
        storage = ["--storage-driver=vfs", f"--root={self.folder}/root"]
        storage += [f"--runroot={self.folder}/run"]
        argv = ["buildah", words[0], *storage, *words[1:]]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(argv)}:\n{done.stdout}{done.stderr}"
        return done.stdout


def entries(layers: list[Path]) -> dict[str, Entry]:
    """Give every path that some layers hold, the uppermost one's word for each."""
    found: dict[str, Entry] = {}
    for layer in layers:
        with tarfile.open(layer) as tar:
            for member in tar:
                found[member.name.strip("/")] = _entry(tar, member)
    return found


def _entry(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    # Some builders write the file's kind into the mode, too.
    mode = f"{member.uid}:{member.gid} {member.mode & 0o7777:o}"
    if member.isreg():
        extracted = tar.extractfile(member)
        assert extracted
        content = extracted.read()
        if member.name.endswith(".pyc"):
            content = content[:BYTECODE_HEAD]
        return Entry("file", mode, hashlib.sha256(content).hexdigest())
    return Entry("folder", mode, "") if member.isdir() else Entry("link", mode, member.linkname)


def _read(layout: Path) -> tuple[dict[str, Any], list[Path]]:
    def blob(described: dict[str, Any]) -> Path:
        return layout / "blobs" / described["digest"].replace(":", "/")

    index = json.loads((layout / "index.json").read_text())
    manifest = json.loads(blob(index["manifests"][0]).read_text())
    config = json.loads(blob(manifest["config"]).read_text())
    return config["config"], [blob(layer) for layer in manifest["layers"]][1:]


def _pip_settings() -> str:
    """Give what this machine's pip needs to reach its registry, and the certificates."""
    ours = configparser.RawConfigParser()
    ours.read(["/etc/pip.conf", Path.home() / ".config/pip/pip.conf"])
    found = dict(ours["global"]) if ours.has_section("global") else {}
    for name in PIP_SETTINGS:
        said = os.environ.get(f"PIP_{name.upper().replace('-', '_')}")
        found |= {name: said} if said else {}
    kept = {name: value for name, value in found.items() if name in PIP_SETTINGS}
    lines = [f"{name} = {value}" for name, value in (kept | {"cert": CERTIFICATES}).items()]
    return "\n".join(["[global]", *lines, ""])
