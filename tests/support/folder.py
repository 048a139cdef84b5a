"""A signed folder source: what the operator would have made of a pattern, without a cluster."""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dragops.compiler.compile import compile_pattern
from dragops.model.bundle import Endpoint, Live, ProgramPointer, sign
from dragops.model.deployment import Limits, Signature
from dragops.model.pattern import PatternSpec
from dragops.model.program import Program

SECRET = "5ec2e7" * 10


@dataclass
class SignedFolder:
    """A folder of bundles and the key that signs them."""

    root: Path
    namespace: str = "team-a"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public_key(self) -> str:
        return base64.b64encode(self.key.public_key().public_bytes_raw()).decode()

    def deploy(self, pattern: dict[str, Any], /, name: str = "dep-a", **changes: Any) -> Live:
        """Compile a pattern and make it live; ``changes`` are fields of the live file.

        ``texts`` are more of secrets.json, ``previous_secret_seconds`` is of each endpoint.
        """
        spec = PatternSpec.model_validate(pattern)
        return self.deploy_program(compile_pattern(spec, name=name), name, **changes)

    def deploy_program(self, made: Program, name: str = "dep-a", **changes: Any) -> Live:
        """Make a compiled program live; it is written before the live file that names it."""
        version = changes.pop("version", 1)
        pointer = ProgramPointer(
            version=version,
            config_map=f"{name}-v{version}-{made.digest[:10]}",
            digest=made.digest,
        )
        place = self.root / self.namespace / name / pointer.config_map
        place.mkdir(parents=True, exist_ok=True)
        (place / "program.py").write_text(made.text)
        (place / "manifest.json.gz").write_bytes(made.manifest.packed())
        hooks = [t.node_id for t in made.manifest.triggers if t.type == "OnWebhook"]
        (place.parent / "secrets.json").write_text(
            json.dumps({f"{node}.secret": SECRET for node in hooks} | changes.pop("texts", {}))
        )
        signature = changes.pop("signature", Signature())
        grace = changes.pop("previous_secret_seconds", 0)
        fields: dict[str, Any] = {
            "namespace": self.namespace,
            "deployment": name,
            "uid": f"uid-{name}",
            "serial": 1,
            "state": "active",
            "pattern": made.manifest.pattern,
            "program": pointer,
            "limits": Limits(),
            "endpoints": tuple(endpoint(name, node, signature, grace) for node in hooks),
        }
        return self.write(Live(**(fields | changes)))

    def keep_secrets(self, name: str, secrets: dict[str, str]) -> None:
        """Write the Secret of an Environment."""
        place = self.root / self.namespace
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.secrets.json").write_text(json.dumps(secrets))

    def write(self, live: Live) -> Live:
        """Sign a live file and put it in place."""
        place = self.root / self.namespace / live.deployment
        place.mkdir(parents=True, exist_ok=True)
        (place / "live.sig").write_text(sign(live, self.key))
        (place / "live.json").write_bytes(live.canonical())
        return live


def webhook_id(name: str, node: str) -> str:
    return "whk_" + f"{name}{node}".replace("-", "0").replace("_", "0").lower().ljust(26, "0")


def endpoint(name: str, node: str, signature: Signature, grace: int = 0) -> Endpoint:
    return Endpoint(
        node_id=node,
        endpoint_id=f"wep_{node}",
        webhook_id=webhook_id(name, node),
        alias=node,
        signature=signature,
        secret_name=f"{name}-endpoints",
        previous_secret_seconds=grace,
    )
