"""The chart's `engine.egress.allow`, all the way to the policy of the engines."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
import yaml

from dragops.engine.outside.egress import EgressPolicy, read_policy
from dragops.engine.settings import EngineSettings
from dragops.engine.tick_settings import TickSettings
from dragops_operator.reconcile.deployment import plan_deployment
from dragops_operator.resources.pool import pool_objects
from dragops_operator.settings import OperatorSettings
from support.chart import CHART, helm, named, of_kind, render
from support.observed import FACTS, TICKING, carried_out, seen

ALLOW = ["10.20.0.0/16", "fd00:1::/32", "192.168.7.7", "git.corp.example", "*.lab.example"]
REFUSED: list[Any] = [
    "10.20.0.0/16",
    [""],
    ["10.20.0.0/16,0.0.0.0/0"],
    ["http://git.corp.example"],
    ["git.corp.example:443"],
    ["10.20.0.0/16", "10.20.0.0/16"],
    ["*"],
    ["2130706433"],
    ["10.0"],
    [7],
]
Environment = dict[str, str]


@pytest.mark.parametrize("allow", [ALLOW, ["0.0.0.0/0", "::/0"], []], ids=str)
def test_engines_and_schedule_pods_get_what_the_chart_allows(
    allow: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values -> operator -> the pods that it makes -> the settings that those read."""
    values = {"engine": {"egress": {"allow": allow}}}
    operator = named(render(**values), "Deployment", "dragops-operator")
    settings = _settings(OperatorSettings, _environment(operator), monkeypatch)
    facts = replace(FACTS, egress_allow=settings.egress_allow)

    pool = pool_objects("team-a", [], facts)[-1]
    ticking = seen(TICKING)
    ticking = carried_out(ticking, plan_deployment(ticking, FACTS))
    # one that was made under the old value is made anew
    changed = carried_out(ticking, plan_deployment(ticking, facts))
    (cron_job,) = [each["spec"]["jobTemplate"] for each in of_kind([*changed.children], "CronJob")]

    for workload in (pool, cron_job):
        policy = read_policy(_environment(workload).get("DRAGOPS_EGRESS_ALLOW", ""))
        assert policy == read_policy(",".join(allow))


def test_nothing_is_allowed_unless_it_is_said() -> None:
    """The default of the chart, and of every process."""
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    assert values["engine"]["egress"]["allow"] == []
    for settings in (OperatorSettings, EngineSettings, TickSettings):
        assert settings.model_fields["egress_allow"].default == ""
    assert not EgressPolicy().allows("git.corp.example", ip_address("10.20.0.1"))


@pytest.mark.parametrize("allow", REFUSED, ids=str)
def test_the_chart_refuses_what_is_no_network_and_no_name(allow: Any) -> None:
    """Before anything is installed."""
    values = {"engine": {"egress": {"allow": allow}}}

    assert helm("template", "dragops", str(CHART), values=values).returncode != 0


def test_what_the_chart_takes_every_process_takes() -> None:
    """Its schema is not wider than what reads it."""
    policy = read_policy(",".join(ALLOW))

    assert len(policy.networks) + len(policy.names) == len(ALLOW)


def _environment(workload: dict[str, Any]) -> Environment:
    (container,) = workload["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


def _settings(
    kind: type[OperatorSettings], environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> OperatorSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return kind()
