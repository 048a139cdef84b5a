"""The folder that all checkouts share: binaries, images, locks of slots."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dragops_localcluster.trouble import Trouble


def cache_folder() -> Path:
    """Give ``~/.cache/dragops``, or its place below XDG_CACHE_HOME."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "dragops"


def digest_of(parts: Iterable[bytes]) -> str:
    """Hash parts so that no two different lists run together."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:16]


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Be alone on this machine; the lock goes with the process, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def need_space(folder: Path, gigabytes: float) -> None:
    """Refuse to begin what a nearly full disk would break half-way."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free / 1e9
    if free < gigabytes:
        raise Trouble(f"{folder} needs {gigabytes:.0f} GB of free disk, there are {free:.1f}")
