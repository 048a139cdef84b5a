"""A server that says the same to everybody: for answers that no API of ours gives."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_answer(raw: bytes, *, after: float = 0) -> Iterator[str]:
    """Send these bytes to each connection that has asked something, then hang up; give the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, raw, after), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def http(status: str, body: bytes, *headers: str) -> bytes:
    """Give a whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _serve(listener: socket.socket, raw: bytes, after: float) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(65536)
            time.sleep(after)
            connection.sendall(raw)
