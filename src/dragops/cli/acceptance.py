"""What Kubernetes refuses of a manifest beside its spec's shape: names, labels, what excludes what.

The rules are those that every object has, and those that ``tools/crds.py`` writes into the resource
definitions; a test lays the same objects before both. Next: ``dragops check`` tells them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from types import NoneType
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from dragops.cli.files import Document
from dragops.errors import BadInput
from dragops.model.deployment import (
    DeploymentSpec,
    MissedRuns,
    ScheduleSettings,
    WebhookSettings,
)
from dragops.model.environment import VALUES_MAX, VARIABLE_NAME_PATTERN, EnvironmentSpec
from dragops.model.ids import NAME_MAX, NAME_PATTERN
from dragops.model.marks import Misplaced, Path, joined
from dragops.model.pattern import PatternSpec
from dragops.model.schema import Shape
from dragops.schedule.parse import parse_schedule

_DNS = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_WORD = r"[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?"
_KEY = re.compile(rf"({_DNS}(\.{_DNS})*/)?{_WORD}")
_VALUE = re.compile(rf"({_WORD})?")
_NAMESPACE = re.compile(rf"(?=.{{1,63}}$){_DNS}")
Wrong = tuple[Path, str]


def _name(text: str) -> str:
    if not text:
        raise ValueError("is missing")
    if len(text) <= NAME_MAX and re.fullmatch(NAME_PATTERN, text):
        return text
    told = f"write at most {NAME_MAX} lower-case letters, digits and dashes"
    raise ValueError(f"{told}, beginning with a letter and not ending with a dash")


def _namespace(text: str) -> str:
    if _NAMESPACE.fullmatch(text):
        return text
    raise ValueError("is no namespace: write at most 63 lower-case letters, digits and dashes")


def _keys(texts: dict[str, str]) -> dict[str, str]:
    wrong = next((key for key in texts if not _KEY.fullmatch(key)), None)
    if wrong is not None:
        told = "write at most 63 letters, digits, '-', '_' and '.', after example.com/ if you like"
        raise ValueError(f"has a key {wrong[:100]!r}: {told}")
    return texts


def _value(text: str) -> str:
    if _VALUE.fullmatch(text):
        return text
    raise ValueError("is no label: write at most 63 letters, digits, '-', '_' and '.'")


_Labels = Annotated[dict[str, Annotated[str, AfterValidator(_value)]], AfterValidator(_keys)]


class _Manifest(BaseModel):
    """The outside of an object, where a field that is not known is refused, too."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)


class _Metadata(_Manifest):
    name: Annotated[str, AfterValidator(_name)]
    namespace: Annotated[str, AfterValidator(_namespace)] | None = None
    labels: _Labels | None = None
    annotations: Annotated[dict[str, str], AfterValidator(_keys)] | None = None
    # what the API server writes may stay in a file that came from it
    generate_name: Any = None
    self_link: Any = None
    uid: Any = None
    resource_version: Any = None
    generation: Any = None
    creation_timestamp: Any = None
    deletion_timestamp: Any = None
    deletion_grace_period_seconds: Any = None
    owner_references: Any = None
    finalizers: Any = None
    managed_fields: Any = None


class _Object(_Manifest):
    api_version: Any
    kind: Any
    metadata: _Metadata = Field(default={}, validate_default=True)
    spec: dict[str, Any]
    status: Any = None


def refused(document: Document) -> Iterator[Misplaced]:
    """Say what Kubernetes refuses of an object of DragOps."""
    try:
        _Object.model_validate(document.data)
    except ValidationError as exc:
        yield from document.misshapen(exc).faults
    for path, told in _wrong(document):
        yield document.fault(f"{joined(('spec', *path))}: {told}", "spec", *path)


def _wrong(document: Document) -> Iterator[Wrong]:
    shape, wrong_in = _RULES[document.data["kind"]]
    with suppress(Misplaced):  # which has been told as such
        spec = document.shaped(shape, document.data.get("spec"))
        yield from _nulls(spec, ())
        yield from wrong_in(spec)


def _nulls(part: object, path: Path) -> Iterator[Wrong]:
    """Find what is written as null: for the API server that is no way to leave it out."""
    match part:
        case Shape():
            for name in part.model_fields_set:
                field = type(part).model_fields[name]
                inner, value = (*path, field.alias or name), getattr(part, name)
                if value is None and NoneType in get_args(field.annotation):
                    yield inner, "is null: leave it out"
                yield from _nulls(value, inner)
        case tuple():
            for at, each in enumerate(part):
                yield from _nulls(each, (*path, at))
        case dict():
            for key, each in part.items():
                yield from _nulls(each, (*path, key))
        case _:
            pass


def _of_deployment(spec: DeploymentSpec) -> Iterator[Wrong]:
    yield from _twice("webhooks", spec.webhooks)
    yield from _twice("schedules", spec.schedules)
    for at, webhook in enumerate(spec.webhooks):
        if webhook.signature.scheme != "dragops" and webhook.signature.require_timestamp:
            path = ("webhooks", at, "signature", "requireTimestamp")
            yield path, "only the scheme dragops has a timestamp: set it to false"
    for at, schedule in enumerate(spec.schedules):
        yield from ((("schedules", at, *path), told) for path, told in _of_schedule(schedule))


def _twice(key: str, settings: Iterable[WebhookSettings | ScheduleSettings]) -> Iterator[Wrong]:
    met: set[str] = set()
    for at, each in enumerate(settings):
        if each.node_id in met:
            yield (key, at, "nodeId"), f"{each.node_id} has settings already: write them once"
        met.add(each.node_id)


def _of_schedule(schedule: ScheduleSettings) -> Iterator[Wrong]:
    if schedule.missed_runs is MissedRuns.NONE and schedule.missed_window_seconds is not None:
        yield ("missedWindowSeconds",), "missedRuns None makes up for nothing: leave it out"
    try:
        parse_schedule(schedule.cron_expression or "@daily", schedule.timezone or "UTC")
    except BadInput as exc:
        part = "timezone" if exc.path == "timezone" else "cronExpression"
        yield (part,), exc.message if exc.path in {"timezone", "schedule"} else str(exc)


def _of_environment(spec: EnvironmentSpec) -> Iterator[Wrong]:
    for name in spec.variables:
        if not re.fullmatch(VARIABLE_NAME_PATTERN, name):
            told = f"{name[:100]!r}: a name has at most 63 letters, digits, '_', '-' and '.'"
            yield ("variables", name), f"{told}, and does not begin with '.'"
    if sum(len(name) + len(value) for name, value in spec.variables.items()) > VALUES_MAX:
        yield ("variables",), f"all variables together have at most {VALUES_MAX} characters"


_RULES: dict[str, tuple[type[Shape], Callable[[Any], Iterator[Wrong]]]] = {
    "Pattern": (PatternSpec, lambda _: iter(())),
    "PatternDeployment": (DeploymentSpec, _of_deployment),
    "Environment": (EnvironmentSpec, _of_environment),
}


class Names:
    """Remembers the objects of all files: of two with one name, kubectl keeps the last."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, ...], str] = {}

    def taken(self, document: Document) -> Iterator[Misplaced]:
        """Say where another object of this kind and name has been met."""
        metadata, kind = document.data.get("metadata"), document.data.get("kind")
        if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
            return
        mark = document.mark("metadata", "name")
        place = f"{document.file}:{mark.line}:{mark.column}"
        key = (str(kind), str(metadata.get("namespace")), metadata["name"])
        met = self._places.setdefault(key, place)
        if met != place:
            told = f"metadata.name: a {kind} {metadata['name']} is at {met} already: rename one"
            yield document.fault(told, "metadata", "name")
