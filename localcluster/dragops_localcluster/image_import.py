"""Images into the node's containerd, which sits in the supervisor's mount namespace."""

import subprocess

from dragops_localcluster.image_archive import Image
from dragops_localcluster.layout import Layout
from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.trouble import Trouble


def load_image(layout: Layout, image: Image) -> bool:
    """Import an image unless the node has it; say whether it was imported."""
    ctr = [*_enter(layout), "ctr", "--namespace", "k8s.io"]
    if image.reference in _words([*ctr, "images", "list", "--quiet"]):
        return False
    # Most of an image is the same after a change of our own source.
    there = {digest.removeprefix("sha256:") for digest in _words([*ctr, "content", "list", "-q"])}
    _run([*ctr, "images", "import", "-"], image.archive(without=there))
    return True


def _enter(layout: Layout) -> list[str]:
    process = OwnProcess.load(layout.run / "pid.json")
    inside = process.children() if process and process.is_alive() else []
    if not inside:
        raise Trouble("the node is not running")
    return ["nsenter", f"--target={inside[0]}", "--mount", "--"]


def _words(argv: list[str]) -> list[str]:
    return _run(argv).decode().split()


def _run(argv: list[str], content: bytes = b"") -> bytes:
    done = subprocess.run(argv, input=content, capture_output=True, check=False)
    if done.returncode:
        raise Trouble(f"{' '.join(argv[-3:])} failed: {done.stderr.decode().strip()}")
    return done.stdout
