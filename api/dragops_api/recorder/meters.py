"""The recorder's numbers, read from plain counters when somebody asks."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from dragops_api.recorder.gather import Gatherer

_COUNTERS = {
    "transactions": "Transactions written, each with one fsync.",
    "batches": "Batches that engines sent.",
    "failures": "Batches that were not stored.",
    "accepts": "Runs accepted.",
    "finishes": "Ends of runs reported.",
}


class _RecorderCollector(Collector):
    def __init__(self, gatherer: Gatherer) -> None:
        self._gatherer = gatherer

    @override
    def collect(self) -> Iterator[Metric]:
        for name, help_ in _COUNTERS.items():
            value = getattr(self._gatherer, name)
            yield CounterMetricFamily(f"dragops_recorder_{name}", help_, value=value)


def recorder_metrics(gatherer: Gatherer) -> CollectorRegistry:
    """Give the registry behind /metrics."""
    registry = CollectorRegistry()
    registry.register(_RecorderCollector(gatherer))
    return registry
