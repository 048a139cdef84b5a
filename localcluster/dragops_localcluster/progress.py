"""Lines that say what is done, each with the seconds since the start."""

import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from dragops_localcluster.trouble import Trouble

SILENCE_SECONDS = 20
LINES_SHOWN = 15


class Progress:
    """Says what was done and how long it took in all."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Print one line, at once."""
        elapsed = time.monotonic() - self._began
        print(f"{elapsed:7.1f} s  {text}", file=self._stream, flush=True)

    def run(self, what: str, argv: list[str], *, log: Path, cwd: Path, env: dict[str, str]) -> None:
        """Run a long command into a log; speak up now and then; show the log's end on failure."""
        self.say(f"{what} ...")
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd, env=env
            )
            status = self._wait(process, what)
        if status:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-LINES_SHOWN:])
            raise Trouble(f"{what} failed; all of it is in {log}, this is the end:\n{end}")

    def _wait(self, process: subprocess.Popen[bytes], what: str) -> int:
        try:
            while True:
                try:
                    return process.wait(SILENCE_SECONDS)
                except subprocess.TimeoutExpired:
                    self.say(f"still {what}")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
