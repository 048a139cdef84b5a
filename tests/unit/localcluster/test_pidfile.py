"""Own processes: what is signalled is what was started, or nothing."""

import subprocess
from pathlib import Path

from dragops_localcluster.pidfile import OwnProcess


def test_a_process_is_ended_and_known_to_be(tmp_path: Path) -> None:
    """Written down, read back by a later driver, ended."""
    with subprocess.Popen(["sleep", "60"]) as process:
        OwnProcess.of(process.pid).save(tmp_path / "pid.json")
        known = OwnProcess.load(tmp_path / "pid.json")
        assert known
        assert known.is_alive()

        known.end(seconds=5)

        assert not known.is_alive()
        assert process.wait() != 0


def test_a_number_that_somebody_else_has_now_is_left_alone() -> None:
    """Numbers come round again: the start time tells."""
    with subprocess.Popen(["sleep", "60"]) as process:
        stranger = OwnProcess(process.pid, "1")

        stranger.end(seconds=0)

        assert not stranger.is_alive()
        assert process.poll() is None
        process.terminate()
