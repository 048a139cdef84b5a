"""A cluster with a node: one that stays (``make up``), one for the time of a block (tests)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragops_localcluster.binaries import COREDNS, LOCALCLUSTER, PAUSE, ensure_binary
from dragops_localcluster.cache import cache_folder, need_space
from dragops_localcluster.cluster import need_programs, start, stop_earlier, wait_ready
from dragops_localcluster.image_archive import Image, layer_of
from dragops_localcluster.layout import Layout
from dragops_localcluster.node_config import PAUSE_IMAGE
from dragops_localcluster.packages import ensure_packages, need_root
from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.progress import Progress
from dragops_localcluster.slot import HeldSlot, held_slot

NODE_GIGABYTES = 3


def bring_up(run: Path, progress: Progress) -> Layout:
    """Have a node in this data folder: the running one, or a new one that outlives this process."""
    earlier, process = Layout.load(run), OwnProcess.load(run / "pid.json")
    if earlier and process and process.is_alive():
        wait_ready(earlier, process, progress)
        return earlier
    stop_earlier(run)
    with held_slot(earlier.slot.number if earlier else None) as held:
        # Addresses are in certificates and in etcd; and what was never ready may be half-written.
        if not earlier or earlier.slot != held.slot or not (run / "was-ready").exists():
            shutil.rmtree(run, ignore_errors=True)
        layout = _prepare(run, held, progress)
        start(layout, held, progress, attached=False)
    (run / "was-ready").touch()
    return layout


def take_down(run: Path) -> None:
    """End the node and remove its data; nothing happens when there is none."""
    stop_earlier(run)
    shutil.rmtree(run, ignore_errors=True)


@contextmanager
def node(progress: Progress) -> Iterator[Layout]:
    """Run a fresh node for as long as the block lasts; it dies with this process."""
    with held_slot() as held:
        run = cache_folder() / "slots" / str(held.slot.number)
        shutil.rmtree(run, ignore_errors=True)
        layout = _prepare(run, held, progress)
        running = start(layout, held, progress, attached=True)
        try:
            yield layout
        finally:
            running.stop()
            shutil.rmtree(run, ignore_errors=True)


def _prepare(run: Path, held: HeldSlot, progress: Progress) -> Layout:
    need_root()
    need_programs("unshare", "setpriv", "mount", "nsenter")
    ensure_packages(progress)
    layout = Layout(
        run,
        held.slot,
        ensure_binary(LOCALCLUSTER, progress),
        ensure_binary(COREDNS, progress),
    )
    need_space(run, NODE_GIGABYTES)
    _write_pause(run, ensure_binary(PAUSE, progress))
    return layout


def _write_pause(run: Path, binary: Path) -> None:
    folder = run / "pause"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(binary, folder / "pause")
    (folder / "pause").chmod(0o755)
    image = Image("localhost/pause", (layer_of(folder),), {"Entrypoint": ["/pause"]})
    (run / "pause.tar").write_bytes(image.archive(PAUSE_IMAGE))
