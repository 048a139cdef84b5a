"""The control plane alone, on the loopback device: no root, no node, for integration tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from dragops_localcluster.binaries import LOCALCLUSTER, ensure_binary
from dragops_localcluster.cache import cache_folder
from dragops_localcluster.cluster import need_programs, start
from dragops_localcluster.layout import Layout
from dragops_localcluster.progress import Progress
from dragops_localcluster.slot import held_slot


@contextmanager
def control_plane(progress: Progress | None = None) -> Iterator[Layout]:
    """Run a fresh control plane for as long as the block lasts; it dies with this process."""
    progress = progress or Progress()
    need_programs("setpriv")
    program = ensure_binary(LOCALCLUSTER, progress)
    with held_slot() as held:
        run = cache_folder() / "slots" / str(held.slot.number)
        shutil.rmtree(run, ignore_errors=True)
        running = start(Layout(run, held.slot, program), held, progress, attached=True)
        try:
            yield running.layout
        finally:
            running.stop()
            shutil.rmtree(run, ignore_errors=True)
