"""What Get Environment and Get Secret read in a run, and the mask that hides the secrets.

The live bundle names the Secret; ``dragops.engine.refresh`` reads it again each minute.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog

from dragops.engine.masking import NO_MASK, Mask
from dragops.model.bundle import LiveEnvironment

Fetch = Callable[[str], Awaitable[Mapping[str, str] | None]]
"""Gives the content of a Secret by its name; None when it is gone, or not meant for this."""

_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Environment:
    """A deployment's Environment as this process knows it; a run keeps the one it began with."""

    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    mask: Mask = field(default=NO_MASK, repr=False, compare=False)


NO_ENVIRONMENT = Environment()


async def environment_of(named: LiveEnvironment | None, fetch: Fetch) -> Environment:
    """Fetch what a bundle names; a Secret that was taken away has no secrets any more."""
    if named is None:
        return NO_ENVIRONMENT
    found = await fetch(named.secret_name) if named.secret_name else {}
    if found is None:
        _LOG.warning("a Secret is gone or has no label", secret=named.secret_name)
    return environment(named.variables, found or {})


def environment(variables: Mapping[str, str], secrets: Mapping[str, str]) -> Environment:
    """Take variables and secrets together, and learn what is to be hidden."""
    return Environment(variables, secrets, Mask(secrets.values()) if secrets else NO_MASK)
