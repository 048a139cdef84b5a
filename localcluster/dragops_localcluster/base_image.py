"""The images' lowest layer: Python 3.11 and nothing else, from a handful of Debian's packages.

No shell, no package manager. It is made once and kept; a new list of packages makes a new one.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from dragops_localcluster.cache import cache_folder, digest_of, locked
from dragops_localcluster.image_archive import Blob, layer_of
from dragops_localcluster.packages import need_apt, update_lists
from dragops_localcluster.progress import Progress

PACKAGES = [
    *["ca-certificates", "libbz2-1.0", "libc6", "libcrypt1", "libexpat1", "libffi8", "libgcc-s1"],
    *["liblzma5", "libncursesw6", "libpython3.11-minimal", "libpython3.11-stdlib", "libreadline8"],
    *["libsqlite3-0", "libssl3", "libstdc++6", "libtinfo6", "libuuid1", "media-types", "netbase"],
    *["python3.11-minimal", "tzdata", "zlib1g"],
]
UNUSED = [
    *["usr/share/doc", "usr/share/man", "usr/share/lintian", "usr/share/locale", "usr/share/bug"],
    *["usr/share/pixmaps", "usr/share/applications", "usr/share/binfmts"],
    *["usr/share/zoneinfo/right", "usr/share/zoneinfo/posix", "usr/lib/x86_64-linux-gnu/gconv"],
]
ROOT_FOLDERS = [
    *["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "root"],
    *["proc", "sys", "dev", "run", "tmp", "var/tmp"],
]
ACCOUNTS = {
    "etc/passwd": (
        "root:x:0:0:root:/root:/sbin/nologin\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
        "app:x:10001:10001:app:/tmp:/sbin/nologin\n"
    ),
    "etc/group": "root:x:0:\nnogroup:x:65534:\napp:x:10001:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}


def base_layer(progress: Progress) -> Blob:
    """Give the layer, made now if this machine has none."""
    recipe = [*PACKAGES, *UNUSED, *ACCOUNTS.values()]
    kept = cache_folder() / "layers" / f"base-{digest_of(part.encode() for part in recipe)}.tar"
    with locked(cache_folder() / "layers" / "base.lock"):
        if not kept.exists():
            with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
                _make(Path(folder), kept, progress)
    return Blob.of(kept.read_bytes())


def _make(folder: Path, kept: Path, progress: Progress) -> None:
    debs, root = folder / "debs", folder / "root"
    debs.mkdir()
    _download(debs, progress)
    _lay_out(root)
    for deb in sorted(debs.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    _tidy(root)
    half_done = kept.with_suffix(".new")
    half_done.write_bytes(layer_of(root).content)
    half_done.rename(kept)


def _download(debs: Path, progress: Progress) -> None:
    need_apt()
    # apt wants to write as a user of its own.
    debs.chmod(0o777)
    what = "downloading Python and its libraries for the images"
    with locked(cache_folder() / "apt.lock"):
        # Without lists nothing is found, with old ones things are no longer there.
        update_lists(progress)
        _run(progress, what, "apt-get", "--quiet", "download", *PACKAGES, cwd=debs)


def _lay_out(root: Path) -> None:
    for name in ROOT_FOLDERS:
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    for name in ("tmp", "var/tmp"):
        (root / name).chmod(0o1777)


def _tidy(root: Path) -> None:
    for name in UNUSED:
        shutil.rmtree(root / name, ignore_errors=True)
    for name in ("python3", "python"):
        (root / "usr/bin" / name).unlink(missing_ok=True)
        (root / "usr/bin" / name).symlink_to("python3.11")
    certificates = sorted((root / "usr/share/ca-certificates").rglob("*.crt"))
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_bytes(b"".join(path.read_bytes() for path in certificates))
    for name, text in ACCOUNTS.items():
        (root / name).write_text(text)


def _run(progress: Progress, what: str, *argv: str | Path, cwd: Path = Path("/")) -> None:
    log = cache_folder() / "layers" / "base.log"
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    progress.run(what, [str(word) for word in argv], log=log, cwd=cwd, env=environment)
