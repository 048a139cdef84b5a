"""An Environment: plain variables, and the name of the Secret that holds the secret ones."""

from typing import Annotated, Any

from pydantic import Field

from dragops.model.condition import Condition
from dragops.model.ids import NAME_MAX
from dragops.model.pattern import Metadata
from dragops.model.schema import Report, Shape

NAMES_MAX = 100
VARIABLE_NAME_PATTERN = r"^[A-Za-z0-9_-][-._A-Za-z0-9]{0,62}$"
"""Of variables and of secrets: what is also good as a key of a Secret."""
VALUE_MAX, VALUES_MAX = 4_096, 131_072

Variables = Annotated[
    dict[str, Annotated[str, Field(max_length=VALUE_MAX)]], Field(max_length=NAMES_MAX)
]


class SecretRef(Shape):
    """Names a Secret of the same namespace."""

    name: str = Field(
        min_length=1,
        max_length=253,
        pattern=r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$",
        description="The Secret's name; it must have the label dragops.dev/environment=true.",
    )


class EnvironmentRef(Shape):
    """Names an Environment of the same namespace."""

    name: str = Field(min_length=1, max_length=NAME_MAX, description="The Environment's name.")


class EnvironmentSpec(Shape):
    """What an Environment's owner wants patterns to find."""

    title: str = Field(default="", max_length=256, description="Its name for people.")
    variables: Variables = Field(
        default_factory=dict,
        description="What Get Environment finds, by name; anybody who may see the Environment "
        "sees them.",
    )
    secret_ref: SecretRef | None = Field(
        default=None,
        description="The Secret whose keys Get Secret finds. Only a Secret with the label "
        "dragops.dev/environment=true is read.",
    )


class EnvironmentStatus(Report):
    """What the operator has found."""

    observed_generation: int = Field(default=0, description="The generation that was judged.")
    secret_version: str | None = Field(
        default=None, max_length=64, description="The Secret's resourceVersion when last read."
    )
    secrets: tuple[Annotated[str, Field(max_length=253)], ...] = Field(
        default=(),
        max_length=1000,
        description="The names of the secrets that are there; never a value.",
    )
    conditions: tuple[Condition, ...] = Field(
        default=(), max_length=16, description="Ready: everything that it names can be read."
    )


class Environment(Shape):
    """An Environment resource."""

    metadata: Metadata
    spec: EnvironmentSpec
    status: EnvironmentStatus

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Environment":
        """Read an Environment as the API server gives it."""
        return cls(
            metadata=Metadata.of(raw["metadata"]),
            spec=EnvironmentSpec.model_validate(raw.get("spec", {})),
            status=EnvironmentStatus.model_validate(raw.get("status", {})),
        )
