"""The product on a node of its own, in a slot of its own: ``make up``'s cluster is not touched."""

from collections.abc import Iterator

import pytest

from dragops_localcluster.binaries import HELM, ensure_binary
from dragops_localcluster.install import install_locally
from dragops_localcluster.node import node
from dragops_localcluster.progress import Progress
from dragops_localcluster.target import Target
from support.product import Product


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """The chart, installed and ready; a missing program or right fails, it does not skip."""
    progress = Progress()
    helm = ensure_binary(HELM, progress)
    with node(progress) as layout:
        target = Target(str(layout.kubeconfig), "", layout.program, helm, layout)
        installed = Product.of(
            install_locally(target, layout, progress), [str(layout.program), "kubectl"]
        )
        with installed.http:
            yield installed
