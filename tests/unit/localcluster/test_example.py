"""The end of ``make up``: the run of the first example, laid out for a terminal."""

import json

import pytest

from dragops_localcluster.example import DEPLOYMENT, FOLDER, as_table, is_somebodys

RUN = {
    "id": "run_1",
    "status": "completed",
    "versionNumber": 3,
    "durationMs": 7,
    "logOutput": [{"message": "one"}, {"message": "two"}],
    "errorMessage": None,
}


def test_a_run_is_shown_with_what_it_logged() -> None:
    """One line a fact."""
    assert as_table(RUN).splitlines() == [
        "  run      run_1",
        "  status   completed",
        "  version  3",
        "  took     7 ms",
        "  log      one; two",
    ]


def test_a_failed_run_says_why() -> None:
    """The newcomer sees the error at once."""
    failed = RUN | {"status": "failed", "errorMessage": "no such node"}

    assert as_table(failed).splitlines()[-1] == "  error    no such node"


def test_the_example_that_is_shown_is_the_one_in_the_tree() -> None:
    """Its folder holds the deployment that is waited for."""
    assert f"name: {DEPLOYMENT}\n" in (FOLDER / "deployment.yaml").read_text()


OURS = {"metadata": {"labels": {"dragops.dev/made-by": "make-up"}}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("", False),
        (json.dumps(OURS), False),
        (json.dumps({"items": [OURS, OURS]}), False),
        (json.dumps({"items": [OURS, {"metadata": {}}]}), True),
        (json.dumps({"metadata": {"labels": {"dragops.dev/made-by": "me"}}}), True),
    ],
    ids=["none", "one of ours", "ours", "one without a mark", "another mark"],
)
def test_an_example_that_somebody_applied_stays_theirs(found: str, expected: bool) -> None:
    """``make down`` deletes what bears the mark, so theirs must not get it."""
    assert is_somebodys(found) is expected
