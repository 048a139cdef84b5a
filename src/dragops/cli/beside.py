"""What a pattern's file says of its deployment, for a run without a cluster.

Limits and the Environment are honoured; what only a cluster can do is told as a note.
"""

from collections.abc import Iterator
from typing import NamedTuple

from dragops.cli.documents import PatternFile
from dragops.cli.files import Document
from dragops.cli.surroundings import Note, environment_of
from dragops.engine.environment import NO_ENVIRONMENT, Environment
from dragops.model.deployment import DeploymentSpec, Limits, State


class Beside(NamedTuple):
    """A deployment that stands in the file of its pattern."""

    name: str
    spec: DeploymentSpec


def deployments_beside(file: PatternFile) -> list[Beside]:
    """Give the deployments of a file's pattern, in the order of the file."""
    return [each for each in _deployments(file) if each.spec.pattern_ref.name == file.resource]


def _deployments(file: PatternFile) -> Iterator[Beside]:
    for document in file.beside:
        if document.data.get("kind") == "PatternDeployment":
            yield Beside(_name(document), document.shaped(DeploymentSpec, document.data["spec"]))


def limits_of(file: PatternFile) -> Limits:
    """Give the limits of the deployment beside a pattern, else those that one without any has."""
    return next((each.spec.limits for each in deployments_beside(file)), Limits())


def environment_beside(file: PatternFile, note: Note) -> Environment:
    """Give the Environment that the deployment beside a pattern names."""
    found = next(iter(deployments_beside(file)), None)
    if found is None or found.spec.environment_ref is None:
        return NO_ENVIRONMENT
    wanted = found.spec.environment_ref.name
    for each in file.beside:
        if each.data.get("kind") == "Environment" and _name(each) == wanted:
            return environment_of(each, file.beside, note)
    where = file.document.file
    note(f"{found.name} has the Environment {wanted}, which is not in {where}: give it by --env")
    return NO_ENVIRONMENT


def tell_what_differs(file: PatternFile, note: Note) -> None:
    """Tell what of the deployment beside a pattern does not hold in a run here."""
    found = deployments_beside(file)
    if not found:
        return
    name, spec = found[0]
    if len(found) > 1:
        note(f"{name} is taken, the first of {len(found)} deployments of this pattern")
    if spec.state is not State.ACTIVE:
        note(f"{name} is {spec.state}: a cluster would run nothing")
    if spec.version is not None:
        note(f"{name} is held at version {spec.version}: here the pattern of the file is run")
    if spec.retry.max_attempts > 1:
        note(f"{name} gives a run {spec.retry.max_attempts} attempts: here it has one")


def _name(document: Document) -> str:
    metadata = document.data.get("metadata")
    return str(metadata.get("name") or "") if isinstance(metadata, dict) else ""
