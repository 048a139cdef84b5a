"""Verdicts on patterns: what the compiler finds here, and what a deploy would do there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

from dragops.cli.documents import PatternFile, spec_of_file
from dragops.cli.failures import Exit
from dragops.cli.output import Column, plain
from dragops.cli.placing import Placer
from dragops.cli.session import Session
from dragops.cli.times import told
from dragops.compiler.check import warnings_of
from dragops.compiler.compile import compile_pattern
from dragops.errors import AuthorMustAct, PatternError
from dragops.model.declared import NOTHING, Declared
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


class NotCompiled(AuthorMustAct):
    """The pattern of a file does not compile; ``lines`` tell each fault with its place."""

    def __init__(self, file: PatternFile, faults: Sequence[Mapping[str, Any]]) -> None:
        self.lines = [fault_line(file.document.file, fault) for fault in faults]
        count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        super().__init__(f"{file.source}: {file.name} does not compile: {count}")


def compiled(file: PatternFile, declared: Declared) -> Program:
    """Compile a file's pattern here; NotCompiled has all faults."""
    spec = spec_of_file(file)
    try:
        return compile_pattern(spec, name=file.id or file.name, declared=declared)
    except PatternError as exc:
        placer = Placer(file, spec)
        raise NotCompiled(file, sorted_faults(map(placer.as_json, exc.faults))) from exc


def judge(file: PatternFile, declared: Declared = NOTHING) -> Object:
    """Compile a file's pattern here; the verdict is the API's, with the places of the faults."""
    spec = spec_of_file(file)
    placer, faults, triggers = Placer(file, spec), [], []
    try:
        manifest = compile_pattern(spec, name=file.id or file.name, declared=declared).manifest
        triggers = [{"type": t.type, "nodeId": t.node_id} for t in manifest.triggers]
    except PatternError as exc:
        faults = sorted_faults(map(placer.as_json, exc.faults))
    return {
        "valid": not faults,
        "faults": faults,
        "warnings": sorted_faults(map(placer.as_json, warnings_of(spec, declared))),
        "triggers": triggers,
    }


def sorted_faults(faults: Iterable[Object]) -> list[Object]:
    """Give faults in the order in which a reader of the file meets them."""
    return sorted(faults, key=lambda fault: (fault["line"], fault["column"]))


def fault_line(file: str, fault: Mapping[str, Any], kind: str = "") -> str:
    """Tell a fault as compilers do, so that editors find its place."""
    said = " ".join(word for word in (kind, fault["code"]) if word)
    return f"{file}:{fault['line']}:{fault['column']}: {said}: {fault['message']}"


def check_file(session: Session, file: PatternFile, id_: str | None, declared: Declared) -> None:
    """Say what a deploy of a file would do, as far as it can be known without storing it."""
    verdict = judge(file, declared) | {"dryRun": True, "patternId": id_}
    change = f"pattern {id_} would be changed" if id_ else "a new pattern would be stored"
    if not session.show.is_for_people:
        show_verdict(session, verdict, "")
        return
    show_in_file(session, file.document.file, f"{file.source}: {change} and deployed", verdict)
    end_as(valid=verdict["valid"])


def show_in_file(session: Session, file: str, name: str, verdict: Object) -> None:
    """Tell people a verdict on a document of a file, then each fault with its place."""
    lines = [sentence_of(verdict, name)]
    lines += [fault_line(file, fault) for fault in verdict["faults"]]
    lines += [fault_line(file, fault, "warning") for fault in verdict["warnings"]]
    session.show.passage("\n".join(lines))


def show_verdict(session: Session, verdict: Object, name: str) -> None:
    """Show the API's verdict; one that does not compile ends the command with 1."""
    session.show.outcome(verdict, sentence_of(verdict, name), name=None)
    if session.show.is_for_people:
        _show_faults(session, verdict)
    end_as(valid=verdict["valid"])


def end_as(*, valid: bool) -> None:
    """End the command with 1 when something does not compile."""
    if not valid:
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


def sentence_of(verdict: Mapping[str, Any], name: str) -> str:
    """Say in one line how a verdict is."""
    if not verdict["valid"]:
        count = len(verdict["faults"])
        return f"{name}: not valid, {count} fault{'s' if count > 1 else ''}"
    triggers = plain([f"{t['type']} ({t['nodeId']})" for t in verdict["triggers"]])
    return f"{name}: valid" + (f"; triggers: {triggers}" if triggers else "")
