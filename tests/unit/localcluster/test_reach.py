"""Rights are asked for before anything is made."""

import pytest

from dragops_localcluster.reach import NEEDED, refused_kinds, why_silent
from dragops_localcluster.trouble import Trouble


@pytest.mark.parametrize(
    ("answers", "refused"),
    [
        ("true\n" * 6, []),
        ("true\nfalse\ntrue\n\ntrue\ntrue\ntrue\n", ["customresourcedefinitions"]),
        ("false\n" * 6, [kind for _, kind, _ in NEEDED]),
    ],
)
def test_what_may_not_be_made_is_named(answers: str, refused: list[str]) -> None:
    """In the order in which it was asked for."""
    assert refused_kinds(answers) == refused


def test_fewer_answers_than_questions_are_no_permission() -> None:
    """A server that leaves some out has said nothing."""
    with pytest.raises(Trouble, match="asked about 6 rights and said: 'true'"):
        refused_kinds("true")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("kubectl get failed: warning\nUnable to connect: refused", "Unable to connect: refused"),
        ("kubectl get failed: error: Unauthorized", "error: Unauthorized"),
        ("kubectl get failed: error: EOF", "the kubeconfig holds no credentials for it"),
    ],
)
def test_the_reason_is_what_kubectl_said_last(said: str, why: str) -> None:
    """Its warnings come first, and its own name helps nobody."""
    assert why_silent(said) == why
