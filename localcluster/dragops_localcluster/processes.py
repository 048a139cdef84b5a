"""The components as child processes of the supervisor: started, watched, restarted, stopped."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from dragops_localcluster.trouble import Trouble

# None of these outlives the supervisor, however that ends.
WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]
STOP_SECONDS = 2
LINES_SHOWN = 8


class Processes:
    """The running components, in the order of their start."""

    def __init__(self, run: Path, logs: Path) -> None:
        self._run, self._logs = run, logs
        self._argv: dict[str, list[str]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(exist_ok=True)

    def start(self, name: str, argv: list[str]) -> None:
        """Start one component; its output is added to its log."""
        self._argv[name] = argv
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*WITH_US, *argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._run,
                start_new_session=True,
            )

    def wait_until(self, what: str, check: Callable[[], object], seconds: float = 90) -> None:
        """Wait until ``check`` is true; an OSError means not yet, an ended component the end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._refuse_ended()
            try:
                if check():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise Trouble(
            f"after {seconds:.0f} s it is still not so: {what}; the logs are in {self._logs}"
        )

    def reap(self) -> None:
        """Collect all ended children, adopted ones too; restart the components among them."""
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for name, process in list(self._running.items()):
                if process.pid == pid:
                    print(f"{name} ended and is started again", flush=True)
                    time.sleep(1)
                    self.start(name, self._argv[name])

    def stop(self, names: list[str]) -> None:
        """Stop components one after another, politely at first."""
        for process in [self._running.pop(name) for name in names if name in self._running]:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _refuse_ended(self) -> None:
        for name, process in self._running.items():
            if process.poll() is not None:
                log = self._logs / f"{name}.log"
                end = "\n".join(log.read_text(errors="replace").splitlines()[-LINES_SHOWN:])
                raise Trouble(f"{name} ended at once; {log} ends with:\n{end}")
