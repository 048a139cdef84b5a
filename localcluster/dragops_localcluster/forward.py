"""A kept port-forward to the API of a cluster whose nodes cannot be reached from here.

``python -m dragops_localcluster.forward FOLDER`` is started by ``start_forward`` and stays until
``end_forward`` ends it, by its number and start. kubectl's forward dies with the pod at its other
end, or hangs when the network between has gone; this process starts it again.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.processes import WITH_US
from dragops_localcluster.release import HERE
from dragops_localcluster.slot import can_bind
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble

PORTS = range(8000, 8020)
ASK_EVERY_SECONDS = 3
# A pod that starts needs longer than one question.
SILENT_ANSWERS = 5
PAUSE_SECONDS = 0.5
STOP_SECONDS = 5
START_SECONDS = 60
ATTEMPTS = 3
ENDED = "kubectl has ended"


@dataclass(frozen=True, slots=True)
class Forward:
    """One forward: from a port of this machine, by that kubectl, to the API in that cluster."""

    port: int
    program: str
    context: str
    ask_every_seconds: float = ASK_EVERY_SECONDS

    @property
    def url(self) -> str:
        """Where callers on this machine reach the API."""
        return f"http://127.0.0.1:{self.port}"

    def answers(self, path: str) -> bool:
        """Say whether something comes back from there, within the time of one question."""
        # A proxy from the environment knows nothing of this machine's ports.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(self.url + path, timeout=self.ask_every_seconds):
                return True
        except (OSError, http.client.HTTPException):
            return False

    def argv(self) -> list[str]:
        """Give the command, for a KUBECONFIG in the environment; it goes when this process goes."""
        kubectl = [*WITH_US, self.program, "kubectl", f"--context={self.context}", *HERE]
        forward = ["port-forward", "--address=127.0.0.1", "service/dragops-api"]
        return [*kubectl, *forward, f"{self.port}:http"]


def start_forward(
    folder: Path, target: Target, *, ask_every_seconds: float = ASK_EVERY_SECONDS
) -> Forward:
    """Start a forward that outlives this process, on the port of the one before if it is free."""
    before = _load(folder)
    end_forward(folder)
    held = held_first_free([*([before.port] if before else []), *PORTS])
    forward = Forward(held.port, str(target.program), target.context, ask_every_seconds)
    (folder / "forward.json").write_text(json.dumps(asdict(forward)))
    with (folder / "forward.log").open("wb") as log, held.name as name:
        process = subprocess.Popen(
            [sys.executable, "-m", "dragops_localcluster.forward", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"KUBECONFIG": target.kubeconfig},
            start_new_session=True,
            pass_fds=[name.fileno()],
        )
    OwnProcess.of(process.pid).save(folder / "forward.pid")
    # It outlives this process, which must not be blamed for not waiting.
    process.returncode = 0
    try:
        _wait_for_first_answer(forward, folder / "forward.log")
    except Trouble:
        end_forward(folder)
        raise
    return forward


def _wait_for_first_answer(forward: Forward, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not forward.answers("/readyz"):
        said = log.read_text(errors="replace")
        if said.count(ENDED) >= ATTEMPTS or time.monotonic() > deadline:
            lines = [line for line in said.splitlines() if line != ENDED]
            reason = lines[-1] if lines else "nothing"
            raise Trouble(f"{forward.url} leads nowhere; kubectl port-forward said: {reason}")
        time.sleep(0.1)


def end_forward(folder: Path) -> None:
    """End the forward of this folder; nothing happens when there is none."""
    process = OwnProcess.load(folder / "forward.pid")
    if process:
        process.end(seconds=STOP_SECONDS)
    (folder / "forward.pid").unlink(missing_ok=True)


class HeldPort(NamedTuple):
    """A free port that no other forward takes while a process holds its name open."""

    port: int
    name: socket.socket


def held_first_free(ports: list[int]) -> HeldPort:
    """Hold the first free port: kubectl binds it later, and two forwards may start at a time."""
    for port in ports:
        name = socket.socket(socket.AF_UNIX)
        try:
            # abstract: one for the whole machine, and gone with the last process that has it
            name.bind(f"\0dragops-forward-{port}")
        except OSError:
            name.close()
            continue
        if can_bind(port):
            return HeldPort(port, name)
        name.close()
    raise _none_of(ports)


def first_free(ports: list[int]) -> int:
    """Give the first port of this machine that nothing listens on."""
    for port in ports:
        if can_bind(port):
            return port
    raise _none_of(ports)


def _none_of(ports: list[int]) -> Trouble:
    return Trouble(f"the ports {min(ports)} to {max(ports)} of this machine are all in use")


def keep(forward: Forward) -> None:
    """Forward until this process is ended; whatever ends kubectl, it is started again."""
    while True:
        # A line a connection goes to its output, what is wrong to its errors.
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(forward.argv(), stdin=quiet, stdout=quiet)
        try:
            _watch(process, forward)
        finally:
            process.terminate()
            process.wait()
        print(ENDED, flush=True)
        time.sleep(PAUSE_SECONDS)


def _watch(process: subprocess.Popen[bytes], forward: Forward) -> None:
    """Return when it has ended, or has led nowhere for too long."""
    silent = 0
    while silent < SILENT_ANSWERS:
        try:
            process.wait(forward.ask_every_seconds)
        except subprocess.TimeoutExpired:
            silent = 0 if forward.answers("/healthz") else silent + 1
        else:
            return
    print("nothing has come back for a while; connecting anew", flush=True)


def _load(folder: Path) -> Forward | None:
    try:
        return Forward(**json.loads((folder / "forward.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def main() -> None:
    """Keep the forward that the folder describes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    forward = _load(Path(sys.argv[1]))
    if not forward:
        sys.exit(f"there is no forward.json in {sys.argv[1]}")
    keep(forward)


if __name__ == "__main__":
    main()
