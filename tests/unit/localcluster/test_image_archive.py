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


def _blobs(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {name: tar.extractfile(name).read() for name in tar.getnames()}
    return {
        f"sha256:{name.rpartition('/')[2]}" if "/" in name else name: files[name] for name in files
    }


def test_the_archive_holds_what_its_manifest_names(tmp_path: Path) -> None:
    """containerd finds manifest, config and layers by their digests, and the image by its name."""
    layer = layer_of(_folder(tmp_path / "one", names=["a", "b"], mode=0o755, time=1), "/app/deps")
    image = Image("localhost/x", (layer,), {})

    blobs = _blobs(image.archive())
    listed = json.loads(blobs["index.json"])["manifests"][0]
    manifest = json.loads(blobs[listed["digest"]])
    rootfs = json.loads(blobs[manifest["config"]["digest"]])["rootfs"]

    assert listed["annotations"] == {"io.containerd.image.name": image.reference}
    assert [blobs[one["digest"]] for one in manifest["layers"]] == [layer.content]
    assert rootfs["diff_ids"] == [one["digest"] for one in manifest["layers"]]
    with tarfile.open(fileobj=io.BytesIO(layer.content)) as packed:
        inside = ["app/deps/a", "app/deps/b", "app/deps/link"]
        assert packed.getnames() == ["app", "app/deps", *inside]
        assert {entry.uid for entry in packed} == {0}


def test_what_the_node_has_is_left_out(tmp_path: Path) -> None:
    """A change of one layer sends one layer."""
    old, new = [
        layer_of(_folder(tmp_path / name, names=["a", name], mode=0o644, time=1)) for name in "xy"
    ]
    there = {digest.removeprefix("sha256:") for digest in _blobs(Image("i", (old,), {}).archive())}

    sent = _blobs(Image("i", (old, new), {}).archive(without=there)).values()

    assert new.content in sent
    assert old.content not in sent
