"""Whose fields a write changes."""

from typing import Any

import pytest

from dragops_api.annotations import PUBLIC
from dragops_api.owners import changed_fields, every_field, foreign_owners, is_same

MANAGED = [
    {"manager": "argocd", "fieldsV1": {"f:spec": {"f:state": {}}}},
    {"manager": "kubectl", "fieldsV1": {"f:spec": {"f:limits": {}}}},
    {"manager": "dragops-api", "fieldsV1": {"f:spec": {"f:state": {}}}},
    {
        "manager": "dragops-operator",
        "subresource": "status",
        "fieldsV1": {"f:spec": {"f:state": {}}},
    },
    {"manager": "flux", "fieldsV1": {"f:metadata": {"f:annotations": {f"f:{PUBLIC}": {}}}}},
    {"manager": "odd"},
]
OBJECT: dict[str, Any] = {"metadata": {"managedFields": MANAGED}, "spec": {"state": 1, "limits": 2}}


@pytest.mark.parametrize(
    ("fields", "owners"),
    [
        ([("spec", "state")], ("argocd",)),
        ([("spec", "limits"), ("spec", "state")], ("argocd", "kubectl")),
        ([("spec", "repush")], ()),
        ([("metadata", "annotations", PUBLIC)], ("flux",)),
        ([], ()),
    ],
)
def test_only_other_managers_of_the_changed_fields_are_named(
    fields: list[tuple[str, ...]], owners: tuple[str, ...]
) -> None:
    """Status writers, ourselves and managers of other fields are not."""
    assert foreign_owners(OBJECT, fields, own="dragops-api") == owners


def test_a_delete_takes_every_field() -> None:
    """Each manager of the spec would make the object again."""
    found = foreign_owners(OBJECT, every_field(OBJECT), own="dragops-api")

    assert found == ("argocd", "kubectl")


def test_one_and_true_are_two_values() -> None:
    """Python holds them to be equal; JSON does not."""
    before = {"metadata": {}, "spec": {"a": {"x": 1}, "b": 0, "c": [1]}}
    after = {"metadata": {}, "spec": {"a": {"x": True}, "b": False, "c": [1]}}

    assert not is_same(before, after)
    assert changed_fields(before, after) == [("spec", "a"), ("spec", "b")]


def test_annotations_that_mean_something_are_fields_too() -> None:
    """Who asked and when is nobody else's."""
    before = {"metadata": {"annotations": {PUBLIC: "true"}}, "spec": {}}
    after = {"metadata": {"annotations": {PUBLIC: "false", "dragops.dev/changed-by": "x"}}}

    assert changed_fields(before, after | {"spec": {}}) == [("metadata", "annotations", PUBLIC)]
