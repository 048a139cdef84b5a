"""The three images of the product, with the layers and settings of their Dockerfiles.

What is done to the files is in ``app_tree``, which the Dockerfiles run, too; a test builds both
and compares them.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dragops_localcluster import app_tree
from dragops_localcluster.base_image import base_layer
from dragops_localcluster.cache import cache_folder, digest_of, locked
from dragops_localcluster.image_archive import Blob, Image, layer_of
from dragops_localcluster.progress import Progress
from dragops_localcluster.trouble import Trouble
from dragops_localcluster.wheels import refuse_foreign_wheels

REPOSITORY = Path(__file__).parents[2]
# Debian 12, which the base is made of: Python 3.11, glibc 2.36.
PLATFORM = ["--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_36"]
INSTALL = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--link-mode", "copy"]


@dataclass(frozen=True, slots=True)
class Part:
    """One image: its lock, its source packages, what it runs, and where it is described."""

    name: str
    sources: tuple[str, ...]
    module: str
    dockerfile: str


PARTS = (
    Part("api", ("src/dragops", "api/dragops_api"), "dragops_api", "api/Dockerfile"),
    Part(
        "operator",
        ("src/dragops", "operator/dragops_operator"),
        "dragops_operator",
        "operator/Dockerfile",
    ),
    Part("engine", ("src/dragops",), "dragops.engine", "src/dragops/engine/Dockerfile"),
)


def build_images(progress: Progress, repository: Path = REPOSITORY) -> dict[str, Image]:
    """Build every image of this checkout, by the name of its part."""
    base = base_layer(progress)
    return {part.name: _image(part, base, repository, progress) for part in PARTS}


def _image(part: Part, base: Blob, repository: Path, progress: Progress) -> Image:
    lock = repository / "requirements" / f"{part.name}.txt"
    layers = (base, deps_layer(lock, progress), source_layer(part, repository))
    return Image(f"localhost/dragops-{part.name}", layers, _config(part))


def _config(part: Part) -> dict[str, object]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": "/app/src:/app/deps",
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return {
        "Env": [f"{name}={value}" for name, value in environment.items()],
        "User": "10001:10001",
        "WorkingDir": "/tmp",  # noqa: S108 - inside the image, as in the Dockerfiles
        "Entrypoint": ["python3", "-m", part.module],
    }


def deps_layer(lock: Path, progress: Progress) -> Blob:
    """Give the layer of what a lock lists; kept for as long as the lock stays the same."""
    recipe = Path(app_tree.__file__).read_bytes()
    key = digest_of([lock.read_bytes(), recipe, *(word.encode() for word in PLATFORM + INSTALL)])
    kept = cache_folder() / "layers" / f"deps-{key}.tar"
    with locked(kept.with_suffix(".lock")):
        if not kept.exists():
            with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
                half_done = kept.with_suffix(".new")
                half_done.write_bytes(_install(lock, Path(folder) / "deps", progress))
                half_done.rename(kept)
    return Blob.of(kept.read_bytes())


def source_layer(part: Part, repository: Path) -> Blob:
    """Give the layer of our own packages."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "src"
        for source in part.sources:
            unwanted = shutil.ignore_patterns("__pycache__", "*.pyc", "Dockerfile")
            shutil.copytree(repository / source, target / Path(source).name, ignore=unwanted)
        said = _compile(target, app_tree.SOURCE)
        if said:
            raise Trouble(f"the source of {part.name} does not compile:\n{said}")
        return layer_of(target, app_tree.SOURCE)


def _install(lock: Path, target: Path, progress: Progress) -> bytes:
    uv = cache_folder() / "uv" / "bin" / "uv"
    if not uv.exists():
        raise Trouble(f"{uv} is missing: any make target installs it")
    progress.run(
        f"installing {lock.name} for an image",
        [
            *[str(uv), "pip", "install", "--python", sys.executable, *PLATFORM, *INSTALL],
            *["--target", str(target), "-r", str(lock)],
        ],
        log=cache_folder() / "layers" / f"{lock.stem}.log",
        cwd=lock.parent,
        env=dict(os.environ),
    )
    refuse_foreign_wheels(target)
    app_tree.tidy(target)
    # Packages ship files that are no Python 3 (templates, tests); those stay uncompiled.
    _compile(target, app_tree.DEPS)
    return layer_of(target, app_tree.DEPS).content


def _compile(folder: Path, place: str) -> str:
    # Another Python's bytecode would be of no use in the image.
    return app_tree.compile_tree(folder, place) if sys.version_info[:2] == (3, 11) else ""
