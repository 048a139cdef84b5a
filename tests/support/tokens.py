"""A cluster's token issuer: keys that are published, tokens signed with them."""

import json
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm


class Issuer:
    """Signs service account tokens; ``jwks`` is the file that verifiers read."""

    def __init__(self, folder: Path) -> None:
        self._key = generate_private_key(SECP256R1())
        public = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        self._folder, self.jwks = folder, folder / "jwks.json"
        self.jwks.write_text(json.dumps({"keys": [public | {"kid": "k1", "alg": "ES256"}]}))

    def token(self, account: str, *, audience: str, seconds: float = 3600) -> str:
        """Mint a token of ``namespace:name``."""
        namespace, name = account.split(":")
        claims = {
            "sub": f"system:serviceaccount:{account}",
            "aud": [audience],
            "exp": int(time.time() + seconds),
            "kubernetes.io": {"namespace": namespace, "serviceaccount": {"name": name, "uid": "u"}},
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": "k1"})

    def token_file(self, account: str, *, audience: str) -> Path:
        """Mint a token into a file, as the kubelet projects it."""
        path = self._folder / f"{account.replace(':', '.')}-{audience}"
        path.write_text(self.token(account, audience=audience))
        return path
