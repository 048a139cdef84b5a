"""The yardstick: a bare ASGI app that only checks the HMAC; nothing is stored, nothing runs.

``python -m bench.bare <port> <secret>``
"""

import hmac
import sys

from dragops.engine.asgi import Answer, Receive, Scope, Send, header, read_body, send_answer
from dragops.engine.serving import run_forever, server

_YES, _NO = Answer(202, b'{"status":"accepted"}'), Answer(401)


class Bare:
    """Answers 202 to what is signed."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await read_body(scope, receive, at_most=1_000_000) or b""
        wanted = hmac.digest(self._secret, body, "sha256").hex()
        is_signed = hmac.compare_digest(wanted, header(scope, b"x-webhook-signature"))
        await send_answer(send, _YES if is_signed else _NO)


if __name__ == "__main__":
    run_forever(server(Bare(sys.argv[2].encode()), port=int(sys.argv[1])).serve())
