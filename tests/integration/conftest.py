"""A real control plane for the whole session: no node, no root, gone with the tests."""

from collections.abc import Iterator

import pytest

from dragops_localcluster.binaries import HELM, ensure_binary
from dragops_localcluster.control_plane import control_plane
from dragops_localcluster.layout import Layout
from dragops_localcluster.progress import Progress
from support.installation import installed_product
from support.product import Product


@pytest.fixture(scope="session")
def cluster() -> Iterator[Layout]:
    """The running control plane; a missing program fails the tests, it does not skip them."""
    ensure_binary(HELM, Progress())  # tests render the chart: building it is not their time
    with control_plane() as layout:
        yield layout


@pytest.fixture(scope="session")
def cluster_kubeconfig(cluster: Layout) -> str:
    """The path of the administrator's kubeconfig."""
    return str(cluster.kubeconfig)


@pytest.fixture(scope="module")
def product(cluster_kubeconfig: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Everything that the chart would start, and the editor's token."""
    with installed_product(cluster_kubeconfig, tmp_path_factory.mktemp("installed")) as running:
        yield running
