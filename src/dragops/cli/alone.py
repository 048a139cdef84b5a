"""What is shown of a run without a cluster: its log as it comes, answer, failure, times."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from dragops.cli.documents import PatternFile, spec_of_file
from dragops.cli.loglines import line_text
from dragops.cli.output import Column
from dragops.cli.placing import Placer
from dragops.cli.session import Session
from dragops.cli.terminal import out_console
from dragops.engine.alone import Ended
from dragops.engine.encoding import encoded
from dragops.engine.run_log import LogEntry
from dragops.errors import Fault
from dragops.history.timeline import decode_timeline
from dragops.model.pattern import Node
from dragops.model.program import Trigger
from dragops.model.run import iso
from dragops.nodes import catalogue

Object = dict[str, Any]
TIMES = (
    Column("NODE", "nodeId"),
    Column("TYPE", "type"),
    Column("TITLE", "title"),
    Column("TIMES", "times"),
    Column("MS", "ms"),
)
_NAMED_MAX = 5
_HINTS = {
    "egress policy": "allow what it may reach: dragops run --allow HOST",
    "no pattern with this id or name": "give the file that has it: dragops run --with FILE",
    "Environment has no": "give an Environment that has it: dragops run --env FILE",
}
"""By a part of a failure's message: what can be done about it here."""


def teller(session: Session) -> Callable[[LogEntry], None]:
    """Give what hears a run's log: people read it as it comes, others in the end."""
    if not session.show.is_for_people:
        return lambda _: None
    console = out_console()
    return lambda entry: console.print(line_text(_entry(entry), with_run=False), soft_wrap=True)


def unread(event: Object | None, trigger: Trigger) -> str:
    """Tell which parts of an event its trigger has no pin for; nothing where it has all."""
    definition = catalogue.definition(trigger.type)
    # On Start gives the whole event, On Pattern Call has refused what it does not know
    if event is None or definition is None or trigger.type in {"OnStart", "OnPatternCall"}:
        return ""
    pins = [pin.name for pin in definition.outputs if pin.name != "exec"]
    strange = [key for key in event if key not in pins]
    if not strange:
        return ""
    reads = f"{definition.label} ({trigger.node_id}) has {', '.join(pins)}"
    named = ", ".join(strange[:_NAMED_MAX]) + (", ..." if len(strange) > _NAMED_MAX else "")
    return f"--event: nothing reads {named}: {reads}"


def run_of(file: PatternFile, ended: Ended) -> Object:
    """Give a run with the keys of the API, and with what no record of the API holds: the answer."""
    run, record = ended.run, ended.record
    timeline = decode_timeline(record.timeline)
    trigger = run.trigger
    return {
        "id": run.id,
        "pattern": file.name,
        "trigger": {"type": trigger.type, "nodeId": trigger.node_id},
        "triggeredBy": run.triggered_by.value,
        "status": ended.outcome.status.value,
        "startedAt": _moment(ended.began_at),
        "completedAt": _moment(record.at),
        "durationMs": round(ended.milliseconds, 3),
        "eventData": json.loads(encoded(run.event)),
        "logOutput": [_entry(LogEntry(*each)) for each in json.loads(record.log or "[]")],
        "logDropped": record.log_dropped,
        "error": _error(file, ended),
        "answer": _answer(ended),
        "variables": json.loads(encoded(ended.variables)),
        "called": [
            {"pattern": each.pattern, "id": each.run_id, "status": each.status}
            for each in ended.called
        ],
        "timeline": [
            {"nodeId": step.node_id, "durationMs": round(step.milliseconds, 3)}
            for step in timeline.steps
        ],
        "timelineDropped": timeline.dropped,
    }


def show_run(session: Session, file: PatternFile, run: Object) -> None:
    """Show a run that is over; people have read its log already."""
    if not session.show.is_for_people:
        session.show.outcome(run, "", name="id")
        return
    if run["logDropped"]:
        session.show.text(f"... {run['logDropped']} more lines than a log may have")
    if answer := run["answer"]:
        session.show.passage(f"answer: {answer['status']} {_said(answer['body'])}".rstrip())
    for called in run["called"]:
        session.show.passage(f"called {called['pattern']}: {called['status']}")
    if variables := run["variables"]:
        session.show.passage(f"variables: {_said(variables)}")
    session.show.passage(_sentence(run))
    if times := _times(file, run):
        session.show.rows(times, TIMES, name=None, none="")
    if run["timelineDropped"]:
        session.show.text(f"... and {run['timelineDropped']} steps more than a run has times of")


def _sentence(run: Object) -> str:
    took = f"{run['durationMs']:.1f} ms"
    error = run["error"]
    if error is None:
        return f"{run['status']} in {took}"
    lines = [f"{run['status']} after {took}: {error['type']}: {error['message']}"]
    if place := error.get("place"):
        lines.append(f"  at: {place}, node {error['nodeId']}, line {error['line']} of the program")
    lines += [f"  do: {told}" for part, told in _HINTS.items() if part in error["message"]]
    if error.get("data") is not None:
        lines.append(f"  data: {_said(error['data'])}")
    return "\n".join(lines)


def _times(file: PatternFile, run: Object) -> list[Object]:
    nodes = {node.id: node for node in spec_of_file(file).nodes}
    found: dict[str, Object] = {}
    for step in run["timeline"]:
        row = found.setdefault(step["nodeId"], _row(nodes[step["nodeId"]]))
        row["times"] += 1
        row["ms"] = round(row["ms"] + step["durationMs"], 3)
    return list(found.values())


def _row(node: Node) -> Object:
    return {"nodeId": node.id, "type": node.type, "title": node.title, "times": 0, "ms": 0.0}


def _error(file: PatternFile, ended: Ended) -> Object | None:
    error = ended.outcome.error
    if error is None:
        return None
    told: Object = json.loads(encoded(error))
    if node := told.get("nodeId"):
        mark = Placer(file, spec_of_file(file)).place_of(Fault(node, "", ""))
        told["place"] = f"{file.document.file}:{mark.line}:{mark.column}"
    return told


def _answer(ended: Ended) -> Object | None:
    answer = ended.answer()
    if answer is None:
        return None
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
    body: Any = answer.body.decode("utf-8", "replace")
    if headers.get("content-type") == "application/json":
        # a pattern may call JSON what is none: it is shown as it would be sent
        with suppress(json.JSONDecodeError):
            body = json.loads(answer.body)
    return {"status": answer.status, "headers": headers, "body": body}


def _said(value: object) -> str:
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    # long integers stay exact, which orjson neither reads nor writes
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _entry(entry: LogEntry) -> Object:
    return {
        "at": _moment(entry.at),
        "level": entry.level,
        "nodeId": entry.node_id,
        "message": entry.message,
    }


def _moment(milliseconds: int) -> str:
    return iso(datetime.fromtimestamp(milliseconds / 1000, UTC))
