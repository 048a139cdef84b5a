"""Starts the operator: the Lease first, then our tasks and kopf in one loop of their own."""

import asyncio
import logging
import sys

import kopf
from pydantic import ValidationError

from dragops.cluster.client import Cluster
from dragops.cluster.lease import Lease
from dragops.errors import DragopsError
from dragops.log_lines import log_lines
from dragops_operator.assembly import running_operator
from dragops_operator.events import Memo, handlers
from dragops_operator.settings import OperatorSettings, kopf_settings

MANAGER = LEASE = "dragops-operator"
_LEVELS = 20_000
"""The API server stores 10,000 levels, and kopf reads them by ``json``, which recurses: without
room one such object would end every operator. A stack of 8 MiB, as everywhere, holds 25,000."""


async def operate(settings: OperatorSettings) -> None:
    """Run until a signal ends kopf, which then ends everything else."""
    async with (
        await Cluster.connect(manager=MANAGER) as cluster,
        running_operator(settings, cluster) as operator,
    ):
        await kopf.operator(
            registry=handlers(),
            settings=kopf_settings(),
            memo=Memo(keys=operator.keys),
            standalone=True,
            clusterwide=True,
        )


async def _connected() -> Cluster:
    return await Cluster.connect(manager=MANAGER)


def main() -> int:
    """Run the operator; 2 when its settings are wrong."""
    sys.setrecursionlimit(_LEVELS)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)  # of kopf what went wrong
    log_lines()
    try:
        settings = OperatorSettings()
    except ValidationError as exc:
        names = ", ".join(f"DRAGOPS_{error['loc'][0]}".upper() for error in exc.errors())
        sys.stderr.write(f"dragops-operator: wrong or missing settings: {names}\n")
        return 2
    lease = Lease(_connected, settings.release_namespace, LEASE, settings.identity)
    try:
        with lease.hold():
            asyncio.run(operate(settings))
    except DragopsError as exc:
        sys.stderr.write(f"dragops-operator: {exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
