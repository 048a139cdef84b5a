"""Objects that the API server refuses: tests lay them before it, and before ``dragops check``."""

from typing import Any

from dragops.cluster.client import DEPLOYMENTS, ENVIRONMENTS, PATTERNS, Kind

REF = {"patternRef": {"name": "p"}}


def _tick(**setting: Any) -> dict[str, Any]:
    return REF | {"schedules": [{"nodeId": "t"} | setting]}


REFUSED: list[tuple[str, Kind, str, dict[str, Any], str]] = [
    ("a name that is too long", DEPLOYMENTS, "x" * 41, REF, "at most 40"),
    ("a name with a dot", PATTERNS, "a.b", {}, "letters, digits and dashes"),
    ("a name that begins with a digit", PATTERNS, "1a", {}, "beginning with a letter"),
    ("no pattern", DEPLOYMENTS, "a", {}, "patternRef"),
    ("a field in other letters", DEPLOYMENTS, "a", {"pattern_ref": {"name": "p"}}, "patternRef"),
    ("another word for the state", DEPLOYMENTS, "a", REF | {"state": "On"}, "Undeployed"),
    (
        "a timestamp where there is none",
        DEPLOYMENTS,
        "a",
        REF
        | {
            "webhooks": [
                {"nodeId": "h", "signature": {"scheme": "github", "requireTimestamp": True}}
            ]
        },
        "set requireTimestamp to false",
    ),
    (
        "two settings of one webhook",
        DEPLOYMENTS,
        "a",
        REF | {"webhooks": [{"nodeId": "h"}, {"nodeId": "h"}]},
        "Duplicate",
    ),
    ("a rule of four fields", DEPLOYMENTS, "a", _tick(cronExpression="* * * *"), "write 5 fields"),
    ("seven fields", DEPLOYMENTS, "a", _tick(cronExpression="* " * 7), "6 with the second"),
    ("an empty rule", DEPLOYMENTS, "a", _tick(cronExpression=""), "cronExpression"),
    ("another word for overlap", DEPLOYMENTS, "a", _tick(overlap="Queue"), "Replace"),
    ("another word for missed runs", DEPLOYMENTS, "a", _tick(missedRuns="Some"), "Latest"),
    ("a window of nothing", DEPLOYMENTS, "a", _tick(missedWindowSeconds=5), "greater"),
    (
        "a window that nothing looks at",
        DEPLOYMENTS,
        "a",
        _tick(missedRuns="None", missedWindowSeconds=600),
        "leave missedWindowSeconds out",
    ),
    (
        "two settings of one schedule",
        DEPLOYMENTS,
        "a",
        REF | {"schedules": [{"nodeId": "t"}, {"nodeId": "t"}]},
        "Duplicate",
    ),
    ("no attempt", DEPLOYMENTS, "a", REF | {"retry": {"maxAttempts": 0}}, "greater"),
    ("an endless retry", DEPLOYMENTS, "a", REF | {"retry": {"maxAttempts": 101}}, "less"),
    ("a day and more", DEPLOYMENTS, "a", REF | {"retry": {"maxSeconds": 86401}}, "less"),
    ("a failure less", DEPLOYMENTS, "a", REF | {"circuitBreaker": {"failures": -1}}, "greater"),
    ("no window", DEPLOYMENTS, "a", REF | {"circuitBreaker": {"windowSeconds": 0}}, "greater"),
    ("a long resume", DEPLOYMENTS, "a", REF | {"resume": "x" * 65}, "64"),
    ("a wait back", DEPLOYMENTS, "a", REF | {"retry": {"initialSeconds": -1}}, "greater"),
    ("no time at all", DEPLOYMENTS, "a", REF | {"limits": {"timeoutSeconds": 0}}, "greater"),
    ("a number in quotes", DEPLOYMENTS, "a", REF | {"limits": {"maxSteps": "5"}}, "integer"),
    ("a truth as a number", DEPLOYMENTS, "a", REF | {"retry": {"maxAttempts": True}}, "integer"),
    (
        "a coordinate in quotes",
        PATTERNS,
        "a",
        {"nodes": [{"id": "n", "type": "T", "position": {"x": "5"}}]},
        "number",
    ),
    ("a node without a type", PATTERNS, "a", {"nodes": [{"id": "n"}]}, "type"),
    ("a number as a variable", ENVIRONMENTS, "a", {"variables": {"PORT": 80}}, "string"),
    ("a name with a space", ENVIRONMENTS, "a", {"variables": {"A B": "x"}}, "letters, digits, '_'"),
    ("no name", ENVIRONMENTS, "a", {"variables": {"": "x"}}, "letters, digits, '_'"),
    (
        "a hundred and one variables",
        ENVIRONMENTS,
        "a",
        {"variables": {f"V{number}": "" for number in range(101)}},
        "at most 100",
    ),
    (
        "variables that no bundle could hold",
        ENVIRONMENTS,
        "a",
        {"variables": {f"V{number}": "x" * 4096 for number in range(33)}},
        "at most 131072 characters",
    ),
    ("a Secret of no name", ENVIRONMENTS, "a", {"secretRef": {"name": "A_B"}}, "secretRef.name"),
]
"""What it is, its kind, its name, its spec, and what the API server says of it."""

TAKEN: list[tuple[str, Kind, dict[str, Any]]] = [
    ("nothing behind limits", DEPLOYMENTS, REF | {"limits": None, "state": None}),
    ("nothing behind a bound", DEPLOYMENTS, REF | {"retry": {"maxAttempts": None}}),
    (
        "nothing behind a signature",
        DEPLOYMENTS,
        REF | {"webhooks": [{"nodeId": "h", "signature": None}]},
    ),
    (
        "nothing behind a coordinate",
        PATTERNS,
        {"nodes": [{"id": "n", "type": "T", "position": {"x": None}}]},
    ),
]
"""What it is, its kind, its spec: odd, but the API server fills in what is left out."""

MISWRITTEN: list[tuple[str, Kind, dict[str, Any], str, str]] = [
    (
        "a field beside spec",
        ENVIRONMENTS,
        {"metadata": {"name": "a"}, "spec": {}, "spek": {}},
        "spek",
        "spek: there is no such field",
    ),
    ("no spec", ENVIRONMENTS, {"metadata": {"name": "a"}}, "spec", "spec: is missing"),
    (
        "a field that metadata lack",
        ENVIRONMENTS,
        {"metadata": {"name": "a", "title": "A"}, "spec": {}},
        "title",
        "metadata.title: there is no such field",
    ),
    (
        "a number as a label",
        PATTERNS,
        {"metadata": {"name": "a", "labels": {"version": 1}}, "spec": {}},
        "labels",
        "metadata.labels.version: is no text: put it in quotes",
    ),
    (
        "a sentence as a label",
        PATTERNS,
        {"metadata": {"name": "a", "labels": {"team": "a b"}}, "spec": {}},
        "a b",
        "metadata.labels.team: is no label",
    ),
    (
        "a label's name with a blank",
        PATTERNS,
        {"metadata": {"name": "a", "labels": {"my team": "a"}}, "spec": {}},
        "my team",
        "metadata.labels: has a key 'my team'",
    ),
    (
        "a word for truth as an annotation",
        DEPLOYMENTS,
        {"metadata": {"name": "a", "annotations": {"seen": True}}, "spec": REF},
        "annotations",
        "metadata.annotations.seen: is no text: put it in quotes",
    ),
    (
        "a null that must be left out",
        ENVIRONMENTS,
        {"metadata": {"name": "a"}, "spec": {"secretRef": None}},
        "null",
        "spec.secretRef: is null: leave it out",
    ),
    (
        "an annotation of no name",
        DEPLOYMENTS,
        {"metadata": {"name": "a", "annotations": {"": "x"}}, "spec": REF},
        "annotations",
        "metadata.annotations: has a key ''",
    ),
]
"""What it is, its kind, its body, and what the API server and the command say of it."""
