"""What can be set of a schedule's pod, by DRAGOPS_* variables; the operator writes them."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from dragops.engine.outside.egress import EgressAllow
from dragops.model.bundle import public_key


def _is_key(text: str) -> str:
    public_key(text)
    return text


class TickSettings(BaseSettings):
    """Settings of a schedule's pod, one process a tick."""

    model_config = SettingsConfigDict(env_prefix="DRAGOPS_", frozen=True)

    namespace: str
    node_id: str
    """The On Schedule node."""
    job_name: str = Field(min_length=1)
    """The pod's label batch.kubernetes.io/job-name."""
    job_uid: str = ""
    """The pod's label batch.kubernetes.io/controller-uid; tells Jobs of one name apart."""
    public_key: Annotated[str, AfterValidator(_is_key)]
    """The operator's Ed25519 key, 32 bytes in base64."""
    recorder_url: str
    recorder_token_file: Path
    engine_url: str = ""
    """The internal port of the workspace's pool, where other patterns can be called."""
    engine_token_file: Path = Path("/var/run/dragops/engine/token")
    pool_seconds: float = Field(default=15, ge=0)
    """How long a call waits for a pool that does not answer, as it may just be starting."""
    live: Path = Path("/dragops/live")
    program: Path = Path("/dragops/program")
    environment: Path = Path("/dragops/environment")
    """The Secret of the deployment's Environment, if it has one."""
    source: Literal["mounted", "cluster"] = "mounted"
    """Where a pod that waits for its seconds hears of a pause: the mount is a minute behind."""
    drain_seconds: float = Field(default=20, ge=0)
    """How long a run may go on after SIGTERM; less than the pod's grace period."""
    egress_allow: EgressAllow = ""
    """Networks and host names that programs may reach beside the internet, several by commas."""
