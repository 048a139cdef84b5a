"""When a pattern is compiled for a deployment, and what comes of it.

Each source and each release is attempted once, good or bad: a pattern that does not compile is not
compiled again until somebody changes it. While a version is pinned, nothing is compiled.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dragops.compiler.compile import compile_pattern
from dragops.compiler.declaring import named
from dragops.errors import Fault, PatternError
from dragops.model.bundle import ProgramPointer
from dragops.model.declared import Declared
from dragops.model.deployment import State, UpdatePolicy
from dragops.model.ids import Digest
from dragops.model.pattern import Pattern
from dragops.model.program import RUNTIME, Program, json_digest
from dragops_operator.reconcile.observed import Observed
from dragops_operator.resources.names import program_name


@dataclass(frozen=True, slots=True)
class Attempt:
    """One compilation: a program, or the faults in its way."""

    source: Digest
    release: str | None
    program: Program | None
    faults: tuple[Fault, ...] = ()


def source_of(pattern: Pattern, declared: Declared) -> Digest:
    """Give the digest of all that a program is made from; where nodes are drawn is not part."""
    spec = pattern.spec.as_json()
    spec.pop("editor", None)
    nodes = [{k: v for k, v in node.items() if k != "position"} for node in spec["nodes"]]
    made_from = {"runtime": RUNTIME, "name": pattern.metadata.name}
    taken = {type_: each.as_json() for type_, each in named(pattern.spec, declared).items()}
    definitions = {"nodeDefinitions": taken} if taken else {}
    return json_digest(spec | made_from | {"nodes": nodes} | definitions)


def attempt(observed: Observed) -> Attempt | None:
    """Compile, if there is something new to compile; None if not."""
    pattern = observed.pattern
    if pattern is None or not is_due(observed):
        return None
    return compiled(observed, pattern)


def compiled(observed: Observed, pattern: Pattern) -> Attempt:
    """Compile the pattern as it is now."""
    release, declared = observed.deployment.spec.release, definitions_in(observed)
    source, asked = source_of(pattern, declared), release.id if release else None
    try:
        program = compile_pattern(pattern.spec, name=pattern.metadata.name, declared=declared)
    except PatternError as exc:
        return Attempt(source, asked, None, exc.faults)
    return Attempt(source, asked, program)


def definitions_in(observed: Observed) -> Declared:
    """Give the declarative nodes that the deployment brings along."""
    return observed.deployment.spec.node_definitions


def is_waiting_for_pattern(observed: Observed) -> bool:
    """Say whether a release names a pattern, or a generation of it, that is not here yet."""
    release, pattern = observed.deployment.spec.release, observed.pattern
    if is_pinned(observed):
        return False
    if pattern is None:
        return True
    if release is None or release.id == observed.deployment.status.release:
        return False
    if release.pattern_uid and release.pattern_uid != pattern.metadata.uid:
        return True
    return bool((release.pattern_generation or 0) > pattern.metadata.generation)


def is_lost(observed: Observed) -> bool:
    """Say whether the ConfigMap of the program that is to be live is gone."""
    current = wanted(observed)
    return current is not None and current.config_map not in {p.name for p in observed.programs}


def in_force(observed: Observed) -> ProgramPointer | None:
    """Give the live version: the signed bundle knows best, as a status may be lost on its way."""
    status = observed.deployment.status
    if observed.live is not None:
        return observed.live.program
    if status.program is None or status.version_number is None:
        return None
    return ProgramPointer(
        version=status.version_number,
        config_map=status.program.config_map,
        digest=status.program.digest,
    )


def is_pinned(observed: Observed) -> bool:
    """Say whether the spec asks for one certain version."""
    return observed.deployment.spec.version is not None


def pinned(observed: Observed) -> ProgramPointer | None:
    """Give the pinned version, if it is kept; a ConfigMap that only says so proves nothing."""
    current = in_force(observed)
    stored = {program.name for program in observed.programs}
    for pointer in _known(observed):
        if pointer.version != observed.deployment.spec.version:
            continue
        if pointer == current or pointer.config_map in stored:
            return pointer
    return None


def _known(observed: Observed) -> Iterator[ProgramPointer]:
    """Give the versions that were signed, and those of the status, which only we write."""
    if current := in_force(observed):
        yield current
    yield from observed.live.previous if observed.live else ()
    for version in observed.deployment.status.versions:
        yield ProgramPointer(
            version=version.number, config_map=version.config_map, digest=version.digest
        )


def is_switch(observed: Observed) -> bool:
    """Say whether the pinned version is there and another one is live."""
    pin = pinned(observed)
    return pin is not None and pin != in_force(observed)


def wanted(observed: Observed) -> ProgramPointer | None:
    """Give the version to be live when nothing is compiled; the one in force, while unsure."""
    if is_switch(observed) and observed.manifest is not None:
        return pinned(observed)
    return in_force(observed)


def is_gone(observed: Observed) -> bool:
    """Say whether the pinned version is not kept any more, or is not what was compiled."""
    version = observed.deployment.spec.version
    if version is None:
        return False
    pointer = wanted(observed)
    return pointer is None or pointer.version != version


def next_pointer(observed: Observed, program: Program) -> ProgramPointer:
    """Give a freshly compiled program its version: the live one again if nothing is new."""
    status, release = observed.deployment.status, observed.deployment.spec.release
    is_new_release = release is not None and release.id != status.release
    if is_pinned(observed):  # a lost program, compiled again
        is_new_release = False
    current = in_force(observed)
    if current is not None and current.digest == program.digest and not is_new_release:
        number = current.version
    else:
        number = max(_used(observed), default=0) + 1
    name = program_name(observed.deployment.metadata.name, number, program.digest)
    return ProgramPointer(version=number, config_map=name, digest=program.digest)


def _used(observed: Observed) -> Iterator[int]:
    """Give every version number that may have been seen anywhere; none is used twice."""
    status, live = observed.deployment.status, observed.live
    yield status.version_number or 0
    yield from (version.number for version in status.versions)
    yield from (program.version for program in observed.programs)
    if live is not None:  # its status may never have been written
        yield from (pointer.version for pointer in (live.program, *live.previous) if pointer)


def is_due(observed: Observed) -> bool:
    """Say whether there is something new to compile."""
    spec, status = observed.deployment.spec, observed.deployment.status
    pattern = observed.pattern
    if (
        spec.state is State.UNDEPLOYED
        or is_pinned(observed)
        or pattern is None
        or is_waiting_for_pattern(observed)
    ):
        return False
    if spec.release is not None and spec.release.id != status.release:
        return True
    if spec.update_policy is UpdatePolicy.ON_RELEASE:
        return False
    source = source_of(pattern, definitions_in(observed))
    return source != status.attempted_source or _is_unrecorded(observed)


def _is_unrecorded(observed: Observed) -> bool:
    """Say whether a version went live whose status was lost: nobody knows what it was made from."""
    recorded = observed.deployment.status.program
    current = in_force(observed)
    return current is not None and current.config_map != (recorded.config_map if recorded else "")
