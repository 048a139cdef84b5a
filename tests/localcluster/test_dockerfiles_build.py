"""The Dockerfiles, built for real: they give the image that the local script gives.

This takes a minute or two: each build installs its lock with pip, from the package registry.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dragops_localcluster.app_image import PARTS, REPOSITORY, Part, build_images
from dragops_localcluster.image_archive import Image
from dragops_localcluster.packages import ensure_packages
from dragops_localcluster.progress import Progress
from support.buildah import Buildah, Entry, entries

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def buildah(tmp_path_factory: pytest.TempPathFactory) -> Buildah:
    """Debian's buildah, installed now if it is not there; a failure is one, it does not skip."""
    progress = Progress()
    ensure_packages(progress, {"buildah": "buildah"})
    builder = Buildah(tmp_path_factory.mktemp("buildah"))
    builder.load_bases(progress)
    return builder


@pytest.fixture(scope="module")
def images() -> dict[str, Image]:
    """What the local script makes of this checkout."""
    return build_images(Progress())


def _local(image: Image, folder: Path) -> dict[str, Entry]:
    layers = []
    for number, layer in enumerate(image.layers[1:]):
        layers.append(folder / f"{number}.tar")
        layers[-1].write_bytes(layer.content)
    return entries(layers)


def _environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """Give the variables but PATH, which is the base's."""
    pairs = dict(setting.split("=", 1) for setting in settings["Env"])
    return {name: value for name, value in pairs.items() if name != "PATH"}


def _without_bytecode(found: dict[str, Entry]) -> dict[str, Entry]:
    return {path: entry for path, entry in found.items() if "__pycache__" not in path.split("/")}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_dockerfile_gives_what_the_local_script_gives(
    part: Part, buildah: Buildah, images: dict[str, Image], tmp_path: Path
) -> None:
    """The same paths, owners, modes, contents and settings; bytecode of the same sources."""
    local = images[part.name]

    settings, layers = buildah.build(REPOSITORY / part.dockerfile, REPOSITORY)

    built, expected = entries(layers), _local(local, tmp_path)
    if sys.version_info[:2] != (3, 11):  # only then is the local script's bytecode of use
        built = _without_bytecode(built)
    assert sorted(set(built) ^ set(expected)) == []
    assert {path: entry for path, entry in built.items() if entry != expected[path]} == {}
    assert _environment(settings) == _environment(local.config)
    for name in ("User", "WorkingDir", "Entrypoint"):
        assert settings[name] == local.config[name]
