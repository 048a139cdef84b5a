"""The engine's numbers: plain counters on the hot path, read when /metrics is asked."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override


class Meters:
    """Counts what this process has done."""

    def __init__(self) -> None:
        self.answers: Counter[int] = Counter()
        """Webhook requests by the status of the answer."""
        self.runs: Counter[str] = Counter()
        """Runs by how they ended."""
        self.previous: Counter[str] = Counter()
        """By deployment: webhooks that the secret before the present one has signed."""

    def answered(self, status: int) -> None:
        """Count an answer to a webhook."""
        self.answers[status] += 1

    def signed_with_previous(self, deployment: str) -> None:
        """Count a webhook whose sender still signs with the previous secret."""
        self.previous[deployment] += 1

    def ended(self, status: str) -> None:
        """Count a run that has ended."""
        self.runs[status] += 1


class _EngineCollector(Collector):
    def __init__(self, meters: Meters, gauges: Mapping[str, Callable[[], int]]) -> None:
        self._meters, self._gauges = meters, gauges

    @override
    def collect(self) -> Iterator[Metric]:
        answers = CounterMetricFamily(
            "dragops_engine_webhooks", "Webhook requests by answer.", labels=["status"]
        )
        for status, count in self._meters.answers.items():
            answers.add_metric([str(status)], count)
        yield answers
        runs = CounterMetricFamily("dragops_engine_runs", "Runs by outcome.", labels=["status"])
        for outcome, count in self._meters.runs.items():
            runs.add_metric([outcome], count)
        yield runs
        yield _by_deployment(
            "dragops_engine_webhooks_previous_secret",
            "Webhooks signed with the secret before the present one.",
            self._meters.previous,
        )
        for name, value in self._gauges.items():
            yield GaugeMetricFamily(f"dragops_engine_{name}", "At this moment.", value=value())


def _by_deployment(name: str, words: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, words, labels=["deployment"])
    for deployment, count in counts.items():
        family.add_metric([deployment], count)
    return family


def engine_metrics(meters: Meters, gauges: Mapping[str, Callable[[], int]]) -> CollectorRegistry:
    """Give the registry behind /metrics; ``gauges`` are asked when somebody reads them."""
    registry = CollectorRegistry()
    registry.register(_EngineCollector(meters, gauges))
    return registry
