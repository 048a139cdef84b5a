"""What can be set of an engine, by DRAGOPS_* variables."""

import base64
import binascii
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from dragops.engine.outside.egress import EgressAllow


def _is_key(text: str) -> str:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise ValueError("is not base64") from exc
    if len(key) != 32:
        raise ValueError("is not 32 bytes")
    return text


class EngineSettings(BaseSettings):
    """Settings of the engine."""

    model_config = SettingsConfigDict(env_prefix="DRAGOPS_", frozen=True)

    namespace: str
    public_key: Annotated[str, AfterValidator(_is_key)]
    """The operator's Ed25519 key, 32 bytes in base64."""
    source: str = "cluster"
    """``cluster``, or the path of a folder with signed bundles."""
    recorder_url: str
    recorder_token_file: Path
    jwks: str
    """The cluster's public keys: a file, or the API server's https URL."""
    issuer: str | None = None
    callers: str = ""
    """``namespace:serviceaccount``, several by commas: who may use the internal port."""
    public_port: int = 8080
    internal_port: int = 8081
    queue: int = Field(default=1_000, ge=0)
    """Runs of one deployment that may wait for a free slot; more are answered with 503."""
    secret_seconds: float = Field(default=50.0, gt=0)
    """After which time at the latest the Secrets of Environments are read again."""
    drain_seconds: float = Field(default=25.0, ge=0)
    """How long runs may go on after SIGTERM; less than the pod's grace period."""
    egress_allow: EgressAllow = ""
    """Networks and host names that programs may reach beside the internet, several by commas."""

    @property
    def pods(self) -> str:
        """Give the account of the workspace's schedules' pods, as their tokens name it."""
        return f"system:serviceaccount:{self.namespace}:dragops-engine"

    @property
    def allowed_callers(self) -> frozenset[str]:
        """Give the accounts of ``callers`` as their tokens name them."""
        accounts = (account.strip() for account in self.callers.split(","))
        return frozenset(f"system:serviceaccount:{account}" for account in accounts if account)
