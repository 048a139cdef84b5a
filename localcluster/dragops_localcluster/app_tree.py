"""What is done to /app in every image, by its Dockerfile and by ``app_image`` alike.

A Dockerfile copies this one file and runs it, so it needs nothing but Python's own library.
/app/deps holds what the lock of a part lists, /app/src our own packages; both are compiled to
bytecode that is never checked against its source, as nothing in an image changes.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

DEPS, SOURCE = "/app/deps", "/app/src"
# Which installer it was and where it ran is in these.
LEFT_OUT = ["bin", "*.dist-info/RECORD", "*.dist-info/REQUESTED", "*.dist-info/INSTALLER", ".lock"]


def tidy(folder: Path) -> None:
    """Remove what differs between two installations of one lock."""
    for pattern in LEFT_OUT:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def compile_tree(folder: Path, place: str) -> str:
    """Compile as if the folder were at ``place``; give the complaints."""
    words = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", place]
    # The order of sets goes into bytecode.
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    argv = [sys.executable, "-m", "compileall", *words, str(folder)]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode else ""


def make_readable(folder: Path) -> None:
    """Let the image's user read all of it, whatever the umask of a checkout was."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def main() -> None:
    """Settle /app inside an image that is being built."""
    tidy(Path(DEPS))
    # Packages ship files that are no Python 3 (templates, tests); those stay uncompiled.
    compile_tree(Path(DEPS), DEPS)
    complaints = compile_tree(Path(SOURCE), SOURCE)
    if complaints:
        sys.exit(complaints)
    make_readable(Path(DEPS).parent)


if __name__ == "__main__":
    main()
