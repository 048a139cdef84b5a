"""Which cluster ``make up`` is for: the one that was named, else kind, else the local cluster.

Decided from plain values; only ``resolve`` asks the Docker engine, and only if nobody named a
cluster.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dragops_localcluster.docker_engine import Engine, ask_engine


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for; empty where nothing was said."""

    context: str = ""
    kubeconfig: str = ""
    values: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A cluster that somebody has: a context, or the current one of some kubeconfigs."""

    context: str
    kubeconfig: str


@dataclass(frozen=True, slots=True)
class InDocker:
    """A kind cluster in the Docker engine of this machine."""

    place: str


@dataclass(frozen=True, slots=True)
class Local:
    """The local cluster, and why it is not kind."""

    reason: str


def resolve(wish: Wish, environment: Mapping[str, str], own: Path) -> Named | InDocker | Local:
    """Decide, and ask what has to be asked for that."""
    return named_cluster(wish, own) or without_name(ask_engine(environment))


def named_cluster(wish: Wish, own: Path) -> Named | None:
    """Give the cluster that was named; a KUBECONFIG of our own .local/ is not naming one."""
    files = [Path(name).absolute() for name in wish.kubeconfig.split(os.pathsep) if name]
    foreign = [path for path in files if not path.resolve().is_relative_to(own.resolve())]
    if not foreign and not wish.context:
        return None
    return Named(wish.context, os.pathsep.join(str(path) for path in foreign))


def without_name(engine: Engine) -> InDocker | Local:
    """Choose kind where a Docker engine answers, else the cluster that needs none."""
    if engine.trouble:
        return Local(f"no Docker engine answers at {engine.place} ({engine.trouble})")
    return InDocker(engine.place)
