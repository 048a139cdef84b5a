"""A real control plane for the whole session: no node, no root, gone with the tests."""

from collections.abc import Iterator

import pytest

from dragops_localcluster.binaries import HELM, ensure_binary
from dragops_localcluster.control_plane import control_plane
from dragops_localcluster.layout import Layout
from dragops_localcluster.progress import Progress


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
