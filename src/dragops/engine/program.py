"""A program in memory: its text executed as a module, its functions by trigger node."""

import linecache
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from dragops.errors import Refused
from dragops.model.bundle import Live, ProgramPointer
from dragops.model.program import RUNTIME, Manifest, Trigger
from dragops.model.stored_program import ProgramFiles, checked_program
from dragops.nodes.context import Context
from dragops.nodes.interface import Interface, interface_of

Function = Callable[[Context, dict[str, Any]], Awaitable[None]]


class Callee(NamedTuple):
    """How a program is called by others."""

    trigger: Trigger
    interface: Interface


@dataclass(frozen=True, slots=True)
class LoadedProgram:
    """A program that can run."""

    version: int
    digest: str
    file_name: str
    manifest: Manifest
    functions: Mapping[str, Function]
    """By trigger node id."""
    variables: Mapping[str, Any]
    callee: Callee | None = None
    """None where there is no On Pattern Call."""

    def trigger(self, node_id: str | None) -> Trigger | None:
        """Give the trigger of a node; without one, On Start, else the first trigger."""
        triggers = self.manifest.triggers
        if node_id is not None:
            return self.manifest.trigger(node_id)
        starts = (trigger for trigger in triggers if trigger.type == "OnStart")
        return next(starts, triggers[0] if triggers else None)

    def unload(self) -> None:
        """Forget the text that tracebacks would show."""
        linecache.cache.pop(self.file_name, None)


def load_program(live: Live, pointer: ProgramPointer, files: ProgramFiles) -> LoadedProgram:
    """Check a program against its signed digest and execute its module; Refused when it is bad."""
    program = checked_program(files, pointer.digest, name=pointer.config_map)
    manifest = program.manifest
    if manifest.runtime > RUNTIME:
        raise Refused(f"program {pointer.config_map}: needs runtime {manifest.runtime}")
    file_name = f"<dragops {live.namespace}/{live.deployment} v{pointer.version}>"
    module = _executed(program.text, file_name)
    return LoadedProgram(
        version=pointer.version,
        digest=pointer.digest,
        file_name=file_name,
        manifest=manifest,
        functions=MappingProxyType(dict(module["TRIGGERS"])),
        variables=MappingProxyType(dict(module["VARIABLES"])),
        callee=_callee(manifest),
    )


def _callee(manifest: Manifest) -> Callee | None:
    for trigger in manifest.triggers:
        if trigger.type == "OnPatternCall":
            return Callee(trigger, interface_of(trigger.settings))
    return None


def _executed(text: str, file_name: str) -> dict[str, Any]:
    module: dict[str, Any] = {"__name__": file_name, "__file__": file_name}
    try:
        exec(compile(text, file_name, "exec"), module)  # noqa: S102 signed by the operator
    except Exception as exc:
        raise Refused(f"{file_name} cannot be loaded: {type(exc).__name__}: {exc}") from exc
    if not {"TRIGGERS", "VARIABLES"} <= module.keys():
        raise Refused(f"{file_name} has no TRIGGERS or no VARIABLES")
    linecache.cache[file_name] = (len(text), None, text.splitlines(keepends=True), file_name)
    return module
