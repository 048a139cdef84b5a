"""A real control plane for the whole session: no node, no root, gone with the tests."""

from collections.abc import Iterator

import pytest

from dragops_localcluster.control_plane import control_plane
from dragops_localcluster.layout import Layout


@pytest.fixture(scope="session")
def cluster() -> Iterator[Layout]:
    """The running control plane; a missing program fails the tests, it does not skip them."""
    with control_plane() as layout:
        yield layout


@pytest.fixture(scope="session")
def cluster_kubeconfig(cluster: Layout) -> str:
    """The path of the administrator's kubeconfig."""
    return str(cluster.kubeconfig)
