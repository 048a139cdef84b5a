"""Verdicts on patterns: what the compiler finds here, and what a deploy would do there."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from dragops.cli.documents import PatternFile, spec_of_file
from dragops.cli.failures import Exit
from dragops.cli.output import Column, plain
from dragops.cli.session import Session
from dragops.cli.times import told
from dragops.compiler.check import warnings_of
from dragops.compiler.compile import compile_pattern
from dragops.errors import PatternError
from dragops.model.program import Program

FAULTS = (
    Column("", "kind"),
    Column("NODE", "nodeId"),
    Column("PIN", "pin"),
    Column("WIRE", "wire"),
    Column("CODE", "code"),
    Column("WHAT", "message", folds=True),
)
Object = dict[str, Any]


def compiled(file: PatternFile) -> Program:
    """Compile a file's pattern here; PatternError has all faults."""
    return compile_pattern(spec_of_file(file), name=file.id or "pattern")


def judge(file: PatternFile) -> Object:
    """Compile a file's pattern here and give the verdict in the API's shape."""
    faults, triggers = [], []
    try:
        manifest = compiled(file).manifest
        triggers = [{"type": t.type, "nodeId": t.node_id} for t in manifest.triggers]
    except PatternError as exc:
        faults = [fault.as_json() for fault in exc.faults]
    warnings = [fault.as_json() for fault in warnings_of(spec_of_file(file))]
    return {
        "valid": not faults,
        "faults": faults,
        "warnings": warnings,
        "triggers": triggers,
    }


def check_file(session: Session, file: PatternFile, id_: str | None) -> None:
    """Say what a deploy of a file would do, as far as it can be known without storing it."""
    verdict = judge(file) | {"dryRun": True, "patternId": id_}
    change = f"pattern {id_} would be changed" if id_ else "a new pattern would be stored"
    show_verdicts(session, [(f"{file.source}: {change} and deployed", verdict)])


def show_verdicts(session: Session, verdicts: Sequence[tuple[str, Object]]) -> None:
    """Show verdicts by name; one that does not compile ends the command with 1, after them all."""
    if session.show.is_for_people:
        for name, verdict in verdicts:
            session.show.outcome(verdict, _sentence(verdict, name), name=None)
            _show_faults(session, verdict)
    else:
        session.show.outcomes([(verdict, "") for _, verdict in verdicts], name=None)
    if not all(verdict["valid"] for _, verdict in verdicts):
        raise typer.Exit(Exit.FAILED)


def _show_faults(session: Session, verdict: Object) -> None:
    found = [{"kind": "fault", **fault} for fault in verdict["faults"]]
    found += [{"kind": "warning", **fault} for fault in verdict["warnings"]]
    columns = [column for column in FAULTS if any(fault.get(column.path) for fault in found)]
    if found:
        session.show.rows(found, columns, name=None, none="")


def show_preview(session: Session, preview: Mapping[str, Any]) -> None:
    """Show what the API says that a deploy would do."""
    if not session.show.is_for_people:
        session.show.outcome(preview, "", name="deploymentId")
        return
    id_, version = preview["deploymentId"], preview["versionNumber"]
    session.show.outcome(preview, f"{id_} would get version {version}.", name=None)
    for schedule in preview["schedules"]:
        rule = f"{schedule['cronExpression']} ({schedule['timezone']})"
        times = [told(at, session.clock()) for at in schedule["nextRuns"]]
        session.show.text(f"{schedule['nodeId']}: {rule}, next: {', '.join(times) or 'never'}")
    for warning in preview["warnings"]:
        session.note(f"Warning: {warning['message']}")
    if diff := preview.get("diff"):
        session.show.passage(diff)
    elif diff == "":
        session.show.text("The program stays the same.")


def _sentence(verdict: Mapping[str, Any], name: str) -> str:
    if not verdict["valid"]:
        count = len(verdict["faults"])
        return f"{name}: does not compile, {count} fault{'s' if count > 1 else ''}"
    triggers = plain([f"{t['type']} ({t['nodeId']})" for t in verdict["triggers"]])
    return f"{name}: valid; triggers: {triggers}"
