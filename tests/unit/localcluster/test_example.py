"""The end of ``make up``: the run of the first example, laid out for a terminal."""

from dragops_localcluster.example import DEPLOYMENT, FOLDER, as_table

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
