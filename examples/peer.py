"""A web server for the examples, on this machine only: it answers as a file says.

    python3 examples/peer.py examples/05-health-check/local/peer.json [--port 8099]

The file maps "METHOD /path?query" to answers, {"status": 200, "json" or "text": ...}, that are given
in order; the last one is given again and again. It needs nothing but Python.
"""

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Peer(BaseHTTPRequestHandler):
    """Answers one request."""

    answers: dict = {}

    def answer(self) -> None:
        """Give the next answer of the file; 404 for what it does not know."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        known = self.answers.get(f"{self.command} {self.path}", [{"status": 404}])
        given = known.pop(0) if len(known) > 1 else known[0]
        kind = "application/json" if "json" in given else "text/plain"
        body = json.dumps(given["json"]) if "json" in given else given.get("text", "")
        self.send_response(given.get("status", 200))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


def main() -> None:
    """Serve until Ctrl-C."""
    words = argparse.ArgumentParser(description="A web server for the examples.")
    words.add_argument("file", type=Path)
    words.add_argument("--port", type=int, default=8099, help="0 takes any that is free")
    given = words.parse_args()
    try:
        Peer.answers = json.loads(given.file.read_text())
    except (OSError, ValueError) as exc:
        words.error(f"{given.file}: {exc}")
    with ThreadingHTTPServer(("127.0.0.1", given.port), Peer) as server:
        print(f"http://127.0.0.1:{server.server_port} answers {', '.join(Peer.answers)}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
