"""What can be set of a recorder, by DRAGOPS_* variables."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class RecorderSettings(BaseSettings):
    """Settings of the recorder."""

    model_config = SettingsConfigDict(env_prefix="DRAGOPS_", frozen=True)

    store: Path
    """The SQLite file; its folder must be on a local disk."""
    jwks: str
    """The cluster's public keys: a file, or the API server's https URL."""
    issuer: str | None = None
    port: int = 8082
    trusted: str = ""
    """``namespace:serviceaccount``, several by commas: who may name any workspace."""

    @property
    def trusted_callers(self) -> frozenset[str]:
        """Give the trusted accounts as their tokens name them."""
        accounts = (account.strip() for account in self.trusted.split(","))
        return frozenset(f"system:serviceaccount:{account}" for account in accounts if account)
