"""Whether a Docker engine answers on this machine: its socket is asked, not the client.

An installed client proves nothing, and a socket may be there whose engine is gone, hangs or is
not ours to use.
"""

import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCHEME = "unix://"
DEFAULT_PLACE = f"{SCHEME}/var/run/docker.sock"
# HTTP 1.0, so that the engine closes the connection and nothing is sent in chunks.
PING = b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n"
ANSWER_SECONDS = 3.0
LINE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Engine:
    """What was found where a Docker engine would listen; without trouble, it answers."""

    place: str
    trouble: str = ""


def ask_engine(environment: Mapping[str, str], *, seconds: float = ANSWER_SECONDS) -> Engine:
    """Ask the engine of ``DOCKER_HOST``, else the usual one; never raise, never hang."""
    place = environment.get("DOCKER_HOST") or DEFAULT_PLACE
    if not place.startswith(SCHEME):
        return Engine(place, "not a socket of this machine")
    try:
        line = _first_line(Path(place.removeprefix(SCHEME)), time.monotonic() + seconds)
    except OSError as exc:
        return Engine(place, exc.strerror or str(exc))
    status = re.match(rb"HTTP/1\.[01] (\d{3})", line)
    if not status:
        return Engine(place, "what listens there does not speak HTTP")
    if status[1] != b"200":
        return Engine(place, f"it answers with status {status[1].decode()}")
    return Engine(place)


def _first_line(path: Path, deadline: float) -> bytes:
    said = b""
    with socket.socket(socket.AF_UNIX) as engine:
        engine.settimeout(max(deadline - time.monotonic(), 0.001))
        engine.connect(str(path))
        engine.sendall(PING)
        while b"\n" not in said and len(said) < LINE_BYTES:
            # A limit for the whole: one that sends a byte now and then hangs, too.
            engine.settimeout(max(deadline - time.monotonic(), 0.001))
            more = engine.recv(LINE_BYTES)
            if not more:
                break
            said += more
    return said
