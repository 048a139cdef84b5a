"""What can be set for the API, by environment variables ``DRAGOPS_<NAME>``."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dragops_api.issuers import OidcIssuer, check_together

Port = Annotated[int, Field(ge=0, le=65535)]
Names = Annotated[tuple[str, ...], NoDecode]
"""A list with commas between its items."""


class Settings(BaseSettings):
    """Everything that can be set; sizes are bytes."""

    model_config = SettingsConfigDict(env_prefix="DRAGOPS_", frozen=True)

    workspaces: Names = ("default",)
    """The namespaces that are served; ``*`` for every one."""
    default_workspace: str = "default"
    store: Path = Path("/var/lib/dragops/runs.sqlite")
    """The run store's file; only read here."""
    recorder_url: str = "http://127.0.0.1:8082"
    recorder_token_file: Path | None = None
    """A token for audience dragops-recorder, read again when it changes."""
    engine_token_file: Path | None = None
    """A token for audience dragops-engine, read again when it changes."""
    engines: Names = ()
    """A fixed list ``namespace=publicurl|internalurl`` instead of the cluster's EndpointSlices."""
    host: str = "0.0.0.0"  # noqa: S104  # a pod is reached from other pods
    port: Port = 8000
    metrics_port: Port = 8001
    """Internal: in no Service that an ingress uses."""
    body_bytes: int = Field(default=4_194_304, ge=1024)
    event_bytes: int = Field(default=10_485_760, ge=1024)
    """A webhook's body on the proxied path; the deployment's own limit is the engine's to keep."""

    oidc: Annotated[tuple[OidcIssuer, ...], NoDecode] = ()
    """A JSON list of issuers whose tokens are taken beside those of Kubernetes."""

    @field_validator("workspaces", "engines", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("engines")
    @classmethod
    def _check_engines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            namespace, _, urls = item.partition("=")
            if not namespace or len([url for url in urls.split("|") if url]) != 2:
                raise ValueError(f"{item!r} is not namespace=publicurl|internalurl")
        return value

    @field_validator("oidc", mode="before")
    @classmethod
    def _parse_issuers(cls, value: object) -> object:
        try:
            return orjson.loads(value or "[]") if isinstance(value, str) else value
        except orjson.JSONDecodeError as exc:
            raise ValueError(f"is not JSON: {exc}") from exc

    @field_validator("oidc")
    @classmethod
    def _check_issuers(cls, value: tuple[OidcIssuer, ...]) -> tuple[OidcIssuer, ...]:
        check_together(value)
        return value


def read_settings() -> Settings:
    """Read the environment; one sentence and exit code 2 when something in it is wrong."""
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        name, *inside = map(str, first["loc"])
        place = f"DRAGOPS_{name.upper()}" + ((inside and f" (at {'.'.join(inside)})") or "")
        sys.stderr.write(f"{place}: {first['msg']}\n")
        raise SystemExit(2) from exc
