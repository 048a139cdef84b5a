"""A Docker engine is one that answers on its socket: asked over a real one, in every mood."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dragops_localcluster.docker_engine import Engine, ask_engine

Mood = Callable[[socket.socket], None]


def _says(answer: bytes) -> Mood:
    def mood(caller: socket.socket) -> None:
        asked = caller.recv(4096)
        assert asked.startswith(b"GET /_ping ")
        caller.sendall(answer)

    return mood


def _hangs(caller: socket.socket) -> None:
    while caller.recv(4096):
        pass


def _drips(caller: socket.socket) -> None:
    try:
        while True:
            caller.sendall(b"H")
            time.sleep(0.02)
    except OSError:
        return


def _hangs_up(caller: socket.socket) -> None:
    caller.recv(4096)


@contextmanager
def _engine(path: Path, mood: Mood) -> Iterator[str]:
    """Listen as an engine does, for one caller; give the DOCKER_HOST that leads here."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            caller, _ = listener.accept()
            with caller:
                mood(caller)

        server = threading.Thread(target=serve)
        server.start()
        yield f"unix://{path}"
        server.join()


OK = b"HTTP/1.0 200 OK\r\nApi-Version: 1.50\r\n\r\nOK"
PODMAN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


@pytest.mark.parametrize("answer", [OK, PODMAN], ids=["1.0", "1.1"])
def test_an_engine_that_answers_is_one(answer: bytes, tmp_path: Path) -> None:
    """Whether or not any client is installed."""
    with _engine(tmp_path / "s", _says(answer)) as place:
        assert ask_engine({"DOCKER_HOST": place}) == Engine(place)


@pytest.mark.parametrize(
    ("mood", "trouble"),
    [
        (_says(b"HTTP/1.1 500 Internal Server Error\r\n\r\n"), "it answers with status 500"),
        (_says(b"SSH-2.0-OpenSSH_9.2\r\n"), "what listens there does not speak HTTP"),
        (_hangs, "timed out"),
        (_drips, "timed out"),
        (_hangs_up, "what listens there does not speak HTTP"),
    ],
    ids=["500", "not HTTP", "hangs", "drips", "hangs up"],
)
def test_an_engine_in_a_bad_mood_is_none(mood: Mood, trouble: str, tmp_path: Path) -> None:
    """And says why, within the time it was given."""
    began = time.monotonic()

    with _engine(tmp_path / "s", mood) as place:
        found = ask_engine({"DOCKER_HOST": place}, seconds=0.3)
        took = time.monotonic() - began

    assert found == Engine(place, trouble)
    assert took < 5


def test_a_socket_that_nobody_listens_on_refuses(tmp_path: Path) -> None:
    """An engine that was killed leaves its socket behind."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))

    assert ask_engine({"DOCKER_HOST": f"unix://{path}"}).trouble == "Connection refused"


def test_a_socket_whose_queue_is_full_does_not_hold_us_up(tmp_path: Path) -> None:
    """A stopped engine accepts nothing; connecting would wait for ever."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(path))
        listener.listen(0)
        first.connect(str(path))

        assert ask_engine({"DOCKER_HOST": f"unix://{path}"}, seconds=0.2).trouble


@pytest.mark.parametrize(
    ("place", "trouble"),
    [
        ("unix:///nowhere/docker.sock", "No such file or directory"),
        ("unix:///" + "x" * 200, "AF_UNIX path too long"),
        ("tcp://127.0.0.1:2375", "not a socket of this machine"),
        ("ssh://me@host", "not a socket of this machine"),
        ("none", "not a socket of this machine"),
    ],
)
def test_an_address_that_leads_to_no_socket_is_no_engine(place: str, trouble: str) -> None:
    """An engine of another machine is none: its ports are not ours."""
    assert ask_engine({"DOCKER_HOST": place}) == Engine(place, trouble)


def test_without_docker_host_the_usual_socket_is_asked() -> None:
    """An empty variable is one that is not set."""
    assert ask_engine({}).place == "unix:///var/run/docker.sock"
    assert ask_engine({"DOCKER_HOST": ""}).place == "unix:///var/run/docker.sock"
