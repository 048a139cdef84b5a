"""What can be set of the operator, by DRAGOPS_* variables, and how kopf is set up."""

import socket
import uuid
from pathlib import Path

import kopf
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from dragops.engine.outside.egress import EgressAllow

PREFIX = "dragops.dev"
_WATCH_SECONDS, _WATCH_SLACK_SECONDS = 300, 20


class OperatorSettings(BaseSettings):
    """Settings of the operator."""

    model_config = SettingsConfigDict(env_prefix="DRAGOPS_", frozen=True)

    workspaces: str = Field(min_length=1)
    """Namespaces, several by commas, in which deployments are carried out."""
    public_url: str
    """Base of the addresses that webhook senders use."""
    engine_image: str
    recorder_url: str
    release_namespace: str
    egress_allow: EgressAllow = ""
    """Where programs may connect to beside the internet; engines and schedule pods get it."""
    signing_secret: str = "dragops-signing"  # noqa: S105  # a name, not a secret
    engine_token_file: Path = Path("/var/run/dragops/engine/token")
    """A projected token for the audience ``dragops-engine``; read again for each poll."""
    engines: str = ""
    """``namespace=publicurl|internalurl``, several by commas, instead of the pools' engines."""
    probes_port: int = 8083
    identity: str = Field(default_factory=lambda: f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}")
    """Names this process in the Lease."""

    @property
    def workspace_names(self) -> frozenset[str]:
        """Give the workspaces as names."""
        return frozenset(_parts(self.workspaces))

    @property
    def fixed_engines(self) -> list[str]:
        """Give the engines at fixed addresses; none: ask the cluster."""
        return _parts(self.engines)


def kopf_settings() -> kopf.OperatorSettings:
    """Set kopf up to watch and to write nothing at all (operator-notes 1.2)."""
    settings = kopf.OperatorSettings()
    settings.peering.standalone = True
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.persistence.finalizer = f"{PREFIX}/kopf-finalizer"
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=PREFIX, v1=False)
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix=PREFIX, v1=False)
    settings.watching.server_timeout = _WATCH_SECONDS
    settings.watching.client_timeout = _WATCH_SECONDS + _WATCH_SLACK_SECONDS
    settings.watching.connect_timeout = 30
    settings.watching.chunk_size = 500
    settings.watching.reconnect_backoff = 1.0
    settings.queueing.idle_timeout = 0.05
    settings.queueing.exit_timeout = 0.5
    settings.networking.request_timeout = 60
    settings.networking.connect_timeout = 10
    return settings


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
