"""An API that answers runs by a script: for what a real one does once in a blue moon."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

Told = tuple[int, dict[str, Any]]


@dataclass
class Script:
    """What is answered, in turn; the last answer stays."""

    runs: list[Told]
    """To the list of a deployment's runs."""
    stream: list[bytes | Told]
    """To the stream: the bytes that come before it breaks, or a refusal."""
    each: Callable[[int], dict[str, Any]] = lambda number: {"id": f"run_{number}"}
    """To one run, by the number in its id."""
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> bytes | Told:
        """Give the next answer to a path."""
        self.asked.append(path)
        if path == "/api/runs/stream":
            return self.stream.pop(0) if len(self.stream) > 1 else self.stream[0]
        if path.startswith("/api/runs/"):
            return 200, {"success": True, "data": self.each(int(path.rpartition("_")[2]))}
        return self.runs.pop(0) if len(self.runs) > 1 else self.runs[0]


@contextmanager
def scripted_api(script: Script) -> Iterator[str]:
    """Serve a script on the loopback; give the URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the name that the server calls
            answer = script.answer(self.path.partition("?")[0])
            if isinstance(answer, bytes):
                self._send(200, answer, "text/event-stream", length=len(answer) + 1)
                self.close_connection = True
            else:
                self._send(answer[0], orjson.dumps(answer[1]), "application/json")

        def _send(self, status: int, body: bytes, kind: str, length: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            # one byte more than comes: the connection breaks
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
