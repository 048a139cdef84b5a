"""What decisions need to know of the installation; read once, passed as a value."""

from collections.abc import Callable
from dataclasses import dataclass

from dragops.model.bundle import Live


@dataclass(frozen=True, slots=True)
class Facts:
    """The installation, as plans and builders see it."""

    workspaces: frozenset[str]
    release_namespace: str
    public_url: str
    """Base of webhook URLs, without a slash at its end."""
    engine_image: str
    recorder_url: str
    public_key: str
    """Base64 of the key that engines verify with."""
    sign: Callable[[Live], str]
    mark: Callable[[str], str]
    """Gives what stands for a secret in a signed bundle; nobody else can make it, or test one."""
    egress_allow: str = ""
    """Where programs may connect to beside the internet."""
