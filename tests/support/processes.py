"""Engine and recorder as real processes on free ports of the loopback, over a folder source."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from support.folder import SignedFolder
from support.tokens import Issuer

READY_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}")


class Process:
    """One of our processes; stopped at the end of the ``with``, killed when it does not stop."""

    def __init__(self, module: str, env: dict[str, str], *, ready_url: str) -> None:
        self._module, self._env, self._ready_url = module, env, ready_url
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **self._env}
        self._child = subprocess.Popen([sys.executable, "-m", self._module], env=env)
        self.wait_ready()

    def wait_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            assert self._child
            assert self._child.poll() is None, f"{self._module} ended"
            assert time.monotonic() < until, f"{self._module} is not ready"
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        assert self._child
        self._child.send_signal(number)

    def wait(self, seconds: float = 60.0) -> int:
        assert self._child
        return self._child.wait(seconds)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.wait()

    @property
    def pid(self) -> int:
        assert self._child
        return self._child.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._child and self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(10)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(self._ready_url, timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@dataclass
class Rig:
    """A recorder and an engine, and where they are."""

    folder: SignedFolder
    issuer: Issuer
    store: Path
    recorder: Process
    engine: Process
    public_url: str
    internal_url: str
    recorder_url: str

    def caller_token(self) -> str:
        """Give the API's token for the internal port."""
        return self.issuer.token("dragops:dragops-api", audience="dragops-engine")


def make_rig(place: Path, folder: SignedFolder, **engine_env: str) -> Rig:
    """Put a recorder and an engine together; nothing is started yet."""
    issuer = Issuer(place)
    public, internal, port = free_port(), free_port(), free_port()
    urls = [f"http://127.0.0.1:{number}" for number in (public, internal, port)]
    account = f"{folder.namespace}:dragops-engine"
    token_file = issuer.token_file(account, audience="dragops-recorder")
    store = place / "store" / "runs.db"
    recorder = Process(
        "dragops_api.recorder",
        {
            "DRAGOPS_STORE": str(store),
            "DRAGOPS_JWKS": str(issuer.jwks),
            "DRAGOPS_PORT": str(port),
            "DRAGOPS_TRUSTED": "dragops:dragops-api",
        },
        ready_url=f"{urls[2]}/readyz",
    )
    engine = Process(
        "dragops.engine",
        {
            "DRAGOPS_NAMESPACE": folder.namespace,
            "DRAGOPS_PUBLIC_KEY": folder.public_key,
            "DRAGOPS_SOURCE": str(folder.root),
            "DRAGOPS_RECORDER_URL": urls[2],
            "DRAGOPS_RECORDER_TOKEN_FILE": str(token_file),
            "DRAGOPS_JWKS": str(issuer.jwks),
            "DRAGOPS_CALLERS": "dragops:dragops-api,dragops:dragops-operator",
            "DRAGOPS_PUBLIC_PORT": str(public),
            "DRAGOPS_INTERNAL_PORT": str(internal),
            **engine_env,
        },
        ready_url=f"{urls[1]}/readyz",
    )
    return Rig(folder, issuer, store, recorder, engine, *urls)


@contextmanager
def running_rig(place: Path, folder: SignedFolder, **engine_env: str) -> Iterator[Rig]:
    """Run a recorder and an engine over this folder."""
    rig = make_rig(place, folder, **engine_env)
    with rig.recorder, rig.engine:
        yield rig
