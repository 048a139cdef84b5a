"""Images: the same files are the same image, wherever and whenever they are packed."""

import io
import json
import os
import tarfile
from pathlib import Path

from dragops_localcluster.image_archive import Image, layer_of


def _folder(root: Path, *, names: list[str], mode: int, time: int) -> Path:
    root.mkdir()
    for name in names:
        (root / name).write_text(name)
        (root / name).chmod(mode)
        os.utime(root / name, (time, time))
    (root / "link").symlink_to(names[0] if names[0] == "a" else names[1])
    return root


def test_order_times_and_umask_leave_no_trace(tmp_path: Path) -> None:
    """Two folders with the same contents give the same reference and the same bytes."""
    one = layer_of(_folder(tmp_path / "one", names=["a", "b"], mode=0o600, time=1))
    other = layer_of(_folder(tmp_path / "other", names=["b", "a"], mode=0o664, time=2))

    images = [Image("localhost/x", (layer,), {"User": "1"}) for layer in (one, other)]

    assert images[0].reference == images[1].reference
    assert images[0].archive() == images[1].archive()


def test_another_content_or_setting_is_another_reference(tmp_path: Path) -> None:
    """A tag names contents, so a node that has the reference has the image."""
    layer = layer_of(_folder(tmp_path / "one", names=["a", "b"], mode=0o644, time=1))
    more = layer_of(_folder(tmp_path / "two", names=["a", "c"], mode=0o644, time=1))

    references = {
        Image("localhost/x", layers, config).reference
        for layers in [(layer,), (more,), (layer, more)]
        for config in [{}, {"User": "10001"}]
    }

    assert len(references) == 6


def test_the_archive_holds_what_its_manifest_names(tmp_path: Path) -> None:
    """containerd finds config and layers by these names."""
    layer = layer_of(_folder(tmp_path / "one", names=["a", "b"], mode=0o755, time=1), "app/")
    image = Image("localhost/x", (layer,), {})

    with tarfile.open(fileobj=io.BytesIO(image.archive())) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))[0]
        named = [manifest["Config"], *manifest["Layers"]]

        assert set(named) <= set(archive.getnames())
    assert manifest["RepoTags"] == [image.reference]
    with tarfile.open(fileobj=io.BytesIO(layer)) as packed:
        assert packed.getnames() == ["app/a", "app/b", "app/link"]
        assert {entry.uid for entry in packed} == {0}
