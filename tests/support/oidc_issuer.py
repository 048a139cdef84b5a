"""An OIDC issuer on the loopback device: discovery, keys that change, tokens that it signs."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
AUDIENCE = "dragops"


class OidcIssuer:
    """Publishes the public halves of ``keys``; whatever it answers can be changed."""

    def __init__(self) -> None:
        self.url = ""
        self.keys: dict[str, Key] = {"k1": rsa_key()}
        self.discovery: dict[str, Any] = {}
        """What its discovery document says otherwise."""
        self.published: bytes | None = None
        """What stands where the keys should be."""
        self.status = 200
        self.asked: list[str] = []

    def claims(self, **claims: Any) -> dict[str, Any]:
        """Give the claims of a good token, changed; None takes one away."""
        now = int(time.time())
        good = {"iss": self.url, "sub": "grace", "aud": AUDIENCE, "iat": now, "exp": now + 600}
        return {key: value for key, value in (good | claims).items() if value is not None}

    def token(
        self,
        *,
        kid: str | None = "k1",
        key: Any = None,
        algorithm: str = "RS256",
        **claims: Any,
    ) -> str:
        """Sign a token, with its own first key unless another one is given."""
        headers = {"kid": kid} if kid else {}
        signing = self.keys["k1"] if key is None else key
        return jwt.encode(self.claims(**claims), signing, algorithm=algorithm, headers=headers)

    async def _discover(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        told = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | self.discovery
        return web.json_response(told, status=self.status)

    async def _publish(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        keys = [_public(kid, key) for kid, key in self.keys.items()]
        body = orjson.dumps({"keys": keys}) if self.published is None else self.published
        return web.Response(body=body, status=self.status)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["OidcIssuer"]:
        """Answer for as long as the block lasts."""
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discover)
        app.router.add_get("/keys", self._publish)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        self.url = f"http://{host}:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()


def rsa_key() -> rsa.RSAPrivateKey:
    """Make a key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _public(kid: str, key: Key) -> dict[str, Any]:
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    of: Any = jwt.algorithms.RSAAlgorithm if is_rsa else jwt.algorithms.ECAlgorithm
    return {"kid": kid, "use": "sig"} | orjson.loads(of.to_jwk(key.public_key()))
