"""The product's images: reproducible, and what their Dockerfiles say."""

import re
from pathlib import Path

import pytest

from dragops_localcluster.app_image import PARTS, REPOSITORY, Part, _config, source_layer
from dragops_localcluster.trouble import Trouble
from dragops_localcluster.wheels import fits

ENGINE = Part("engine", ("src/dragops",), "dragops.engine", "src/dragops/engine/Dockerfile")


def _checkout(root: Path) -> Path:
    package = root / "src" / "dragops"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        'NAMES = {"b", "a", "c"}\n\ndef f(x): return x in {1, 2}\n'
    )
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "old.pyc").write_text(str(root))
    return root


def test_two_checkouts_of_one_source_give_one_layer(tmp_path: Path) -> None:
    """Neither the path of a checkout nor what was run in it gets into an image."""
    layers = [source_layer(ENGINE, _checkout(tmp_path / name)) for name in ("one", "other")]

    assert layers[0] == layers[1]
    assert b"old.pyc" not in layers[0].content


def test_a_source_that_does_not_compile_stops_here(tmp_path: Path) -> None:
    """Not as a pod that restarts for ever."""
    checkout = _checkout(tmp_path / "one")
    (checkout / "src/dragops/half.py").write_text("def half(:\n")

    with pytest.raises(Trouble, match=r"engine does not compile(.|\n)*half\.py"):
        source_layer(ENGINE, checkout)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_an_image_starts_as_its_dockerfile_says(part: Part) -> None:
    """Whoever builds with Docker gets the same settings."""
    dockerfile = (REPOSITORY / part.dockerfile).read_text()
    last_stage = dockerfile[dockerfile.rindex("\nFROM ") :]
    config = _config(part)

    for setting in re.findall(r"(\w+=\S+)", last_stage[last_stage.index("ENV") :].split("USER")[0]):
        assert setting in config["Env"]
    assert f"USER {config['User']}" in last_stage
    assert f"WORKDIR {config['WorkingDir']}" in last_stage
    assert part.module in last_stage
    for source in part.sources:
        assert f"COPY {source} /app/src/" in dockerfile


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("py3-none-any", True),
        ("py2.py3-none-any", True),
        ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", True),
        ("cp39-abi3-manylinux_2_28_x86_64", True),
        ("cp311-cp311-manylinux_2_36_x86_64", True),
        ("cp311-cp311-manylinux_2_39_x86_64", False),
        ("cp312-cp312-manylinux_2_17_x86_64", False),
        ("cp312-abi3-manylinux_2_17_x86_64", False),
        ("cp311-cp311-musllinux_1_2_x86_64", False),
        ("cp311-cp311-manylinux_2_17_aarch64", False),
        ("cp311-cp311-win_amd64", False),
        ("py2-none-any", False),
    ],
)
def test_only_wheels_for_debians_python_fit(tag: str, expected: bool) -> None:
    """Python 3.11 and glibc 2.36 on x86-64; older is fine, newer is not."""
    assert fits(tag) is expected
