"""An address is handed out once it answers, not when its pods are ready."""

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from dragops_localcluster.rollout import wait_for_answer
from dragops_localcluster.trouble import Trouble


class _Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def port() -> Iterator[int]:
    """A port that refuses at first: the proxy of a node is programmed after the pods are ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    servers: list[http.server.HTTPServer] = []

    def begin() -> None:
        servers.append(http.server.HTTPServer(("127.0.0.1", number), _Ready))
        servers[0].serve_forever(poll_interval=0.01)

    late = threading.Timer(0.3, begin)
    late.start()
    yield number
    late.join(0.5)
    for server in servers:
        server.shutdown()
        server.server_close()


def test_an_address_that_refuses_at_first_is_waited_for(port: int) -> None:
    """Connection refused is what a NodePort says until kube-proxy has seen the endpoint."""
    wait_for_answer(f"http://127.0.0.1:{port}", seconds=10)


def test_an_address_that_never_answers_is_trouble_that_names_it() -> None:
    """With the last refusal."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"

        with pytest.raises(Trouble, match=f"{url} does not answer after 0 s"):
            wait_for_answer(url, seconds=0)
