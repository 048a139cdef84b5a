"""Tokens and rights as the API server tells them, and how long an answer is believed."""

from typing import Any, cast

import pytest

from dragops.cluster.access import Access
from dragops.cluster.client import SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS, Cluster, Kind
from dragops.cluster.tokens import Caller

USER = {"username": "system:serviceaccount:team-a:ada", "uid": "u1", "groups": ["g"]}
ADA = Caller("system:serviceaccount:team-a:ada", "u1", ("g",), "team-a")


class Reviews:
    """Answers reviews, and keeps them."""

    def __init__(self, status: dict[str, Any]) -> None:
        self.status, self.asked = status, list[tuple[Kind, dict[str, Any]]]()

    async def create(self, kind: Kind, _namespace: None, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((kind, body["spec"]))
        return body | {"status": self.status}


def door(**status: Any) -> tuple[Access, Reviews]:
    reviews = Reviews(status)
    return Access(cast("Cluster", reviews)), reviews


async def test_a_good_token_names_its_owner() -> None:
    asks, reviews = door(authenticated=True, audiences=["dragops-api"], user=USER)

    assert await asks.review("t", "dragops-api") == ADA
    assert reviews.asked == [(TOKEN_REVIEWS, {"token": "t", "audiences": ["dragops-api"]})]


@pytest.mark.parametrize(
    "status",
    [
        {"authenticated": False},
        {},
        {"authenticated": True, "user": USER},
        {"authenticated": True, "audiences": ["https://kubernetes"], "user": USER},
    ],
    ids=["refused", "no answer", "audiences unknown", "another audience"],
)
async def test_any_other_token_has_no_owner(status: dict[str, Any]) -> None:
    asks, _ = door(**status)

    assert await asks.review("t", "dragops-api") is None


async def test_a_right_is_asked_with_all_that_it_is_about() -> None:
    asks, reviews = door(allowed=True)

    assert await asks.may(
        ADA,
        verb="update",
        resource="patterndeployments",
        subresource="state",
        namespace="team-a",
        name="dep-a",
    )

    ((kind, spec),) = reviews.asked
    assert kind == SUBJECT_ACCESS_REVIEWS
    assert (spec["user"], spec["groups"]) == (ADA.username, ["g"])
    assert spec["resourceAttributes"] == {
        "group": "dragops.dev",
        "verb": "update",
        "resource": "patterndeployments",
        "subresource": "state",
        "namespace": "team-a",
        "name": "dep-a",
    }


@pytest.mark.parametrize("allowed", [True, False])
async def test_an_answer_is_believed_for_a_while(allowed: bool) -> None:
    reviews, now = Reviews({"allowed": allowed}), 1000.0
    asks = Access(cast("Cluster", reviews), clock=lambda: now)

    for seconds in (0, 4):
        now = 1000.0 + seconds
        assert await asks.may(ADA, verb="get", resource="patterns", namespace="a") is allowed
    assert len(reviews.asked) == 1
    now = 1011.0
    await asks.may(ADA, verb="get", resource="patterns", namespace="a")
    assert len(reviews.asked) == 2


async def test_another_question_is_not_answered_from_memory() -> None:
    asks, reviews = door(allowed=True)

    await asks.may(ADA, verb="get", resource="patterns", namespace="a")
    await asks.may(ADA, verb="get", resource="patterns", namespace="b")
    await asks.may(Caller("eve"), verb="get", resource="patterns", namespace="a")

    assert len(reviews.asked) == 3
