"""Environments as REST has them: a name, plain variables, and the names of secrets."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from dragops.model.condition import is_true
from dragops.model.environment import (
    NAMES_MAX,
    VALUE_MAX,
    VALUES_MAX,
    VARIABLE_NAME_PATTERN,
    Environment,
)
from dragops.model.ids import id_of
from dragops.model.schema import Shape
from dragops_api.moments import created_at, updated_at
from dragops_api.schemas.patterns import Name

SECRET_MAX = 65_536
_UNSEEN = "the operator has not looked at it yet"
Object = dict[str, Any]


def _fits(variables: dict[str, str]) -> dict[str, str]:
    if sum(len(name) + len(value) for name, value in variables.items()) > VALUES_MAX:
        raise ValueError(f"all variables together have at most {VALUES_MAX} characters")
    return variables


VariableName = Annotated[str, StringConstraints(pattern=VARIABLE_NAME_PATTERN)]


class EnvironmentIn(Shape):
    """A new Environment, or the new state of one; what is left out of an update stays as it is."""

    name: Name
    variables: Annotated[
        dict[VariableName, Annotated[str, Field(max_length=VALUE_MAX)]],
        Field(max_length=NAMES_MAX, description="Read by Get Environment; all of them."),
        AfterValidator(_fits),
    ] = Field(default_factory=dict)
    secrets: Annotated[
        dict[VariableName, Annotated[str, Field(min_length=1, max_length=SECRET_MAX)] | None],
        Field(
            max_length=NAMES_MAX,
            description="Read by Get Secret. Those that are not named stay; null removes one.",
        ),
    ] = Field(default_factory=dict, repr=False)


class EnvironmentItem(Shape):
    """An Environment in a list; ``message`` says what keeps it from being ready."""

    id: str
    name: str
    ready: bool
    message: str | None
    created_at: str
    updated_at: str


class EnvironmentOut(EnvironmentItem):
    """An Environment; of its secrets only the names are ever told."""

    variables: dict[str, str]
    secrets: list[str]

    @classmethod
    def of(cls, obj: Object) -> "EnvironmentOut":
        """Show an Environment as the API server gives it."""
        environment = Environment.of(obj)
        secrets = list(environment.status.secrets)
        return cls(**item_of(obj), variables=environment.spec.variables, secrets=secrets)


class EnvironmentDeleted(Shape):
    """An Environment that is gone, and its secrets with it."""

    id: str
    status: Literal["deleted"]


def item_of(obj: Object) -> Object:
    """Give the fields of a list's item."""
    environment = Environment.of(obj)
    status, name = environment.status, environment.metadata.name
    is_judged = status.observed_generation >= environment.metadata.generation
    is_ready = is_judged and is_true(status.conditions, "Ready")
    told = next((c.message for c in status.conditions if c.type == "Ready"), "")
    return {
        "id": id_of(name),
        "name": environment.spec.title or name,
        "ready": is_ready,
        "message": None if is_ready else told if is_judged else _UNSEEN,
        "created_at": created_at(obj),
        "updated_at": updated_at(obj),
    }
