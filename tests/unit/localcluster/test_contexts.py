"""A wrong word about a cluster is told before anything is built."""

from pathlib import Path

import pytest
import yaml

from dragops_localcluster.contexts import Contexts, read_contexts
from dragops_localcluster.trouble import Trouble


def _kubeconfig(path: Path, *names: str, current: str = "") -> str:
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "contexts": [{"name": name, "context": {}} for name in names],
        "current-context": current,
    }
    path.write_text(yaml.safe_dump(document))
    return str(path)


def test_files_of_one_kubeconfig_are_read_together(tmp_path: Path) -> None:
    """As kubectl does: the first that sets a current context wins, missing ones are skipped."""
    files = [
        _kubeconfig(tmp_path / "a", "one"),
        str(tmp_path / "missing"),
        _kubeconfig(tmp_path / "b", "two", "one", current="two"),
        _kubeconfig(tmp_path / "c", current="three"),
    ]

    found = read_contexts(":".join(files))

    assert (found.names, found.current) == (("one", "two"), "two")


def test_a_context_is_the_wanted_one_or_the_current_one() -> None:
    """In that order."""
    contexts = Contexts("/c", ("one", "two"), "two")

    assert contexts.pick("one") == "one"
    assert contexts.pick("") == "two"


@pytest.mark.parametrize(
    ("contexts", "wanted", "said"),
    [
        (Contexts("/c", ("one", "two"), "two"), "tow", "no context tow; /c has: one, two"),
        (Contexts("/c", ("one",), ""), "", "no current context .* CONTEXT=name; /c has: one"),
        (Contexts("/c", ("one",), "gone"), "", "no current context .* /c has: one"),
        (Contexts("/c", (), ""), "one", "/c has: none"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(
    contexts: Contexts, wanted: str, said: str
) -> None:
    """Whoever mistyped sees what to type."""
    with pytest.raises(Trouble, match=said):
        contexts.pick(wanted)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not YAML"),
        ("\0", "is not YAML"),
        ("just words", "no document of kind Config"),
        ("kind: Pod", "no document of kind Config"),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_named(text: str, said: str, tmp_path: Path) -> None:
    """Not with a traceback."""
    path = tmp_path / "config"
    path.write_text(text)

    with pytest.raises(Trouble, match=f"{path} is not a kubeconfig: .*{said}"):
        read_contexts(str(path))


def test_no_kubeconfig_at_all_says_what_to_set(tmp_path: Path) -> None:
    """CONTEXT alone is looked up in a file that may not be there."""
    with pytest.raises(Trouble, match=f"no kubeconfig {tmp_path}/none: set KUBECONFIG"):
        read_contexts(f"{tmp_path}/none")
