"""The contexts of kubeconfigs, read before anything is built: a wrong name is told at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dragops_localcluster.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Contexts:
    """What the files of one KUBECONFIG name between them."""

    source: str
    names: tuple[str, ...]
    current: str

    def pick(self, wanted: str) -> str:
        """Give the wanted context, else the current one; refuse one that is not there."""
        listed = f"{self.source} has: {', '.join(self.names) or 'none'}"
        if wanted and wanted not in self.names:
            raise Trouble(f"there is no context {wanted}; {listed}")
        if not wanted and self.current not in self.names:
            raise Trouble(f"no current context is set: name one with CONTEXT=name; {listed}")
        return wanted or self.current


def default_kubeconfig() -> str:
    """Give the file that kubectl reads when KUBECONFIG is not set."""
    return str(Path.home() / ".kube" / "config")


def read_contexts(kubeconfig: str) -> Contexts:
    """Read the files of a KUBECONFIG as kubectl does: missing ones are skipped, if others exist."""
    paths = [Path(name) for name in kubeconfig.split(os.pathsep)]
    there = [path for path in paths if path.exists()]
    if not there:
        raise Trouble(
            f"there is no kubeconfig {kubeconfig}: set KUBECONFIG to the file of your cluster"
        )
    documents = [_read(path) for path in there]
    names = [entry["name"] for document in documents for entry in document.get("contexts") or ()]
    current = [document.get("current-context") or "" for document in documents]
    # The first file that says something wins.
    return Contexts(kubeconfig, tuple(dict.fromkeys(names)), next(filter(None, current), ""))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        document = yaml.safe_load(path.read_text())
    except PermissionError as exc:
        raise Trouble(f"{path} may not be read by you") from exc
    except (OSError, ValueError, yaml.YAMLError) as exc:
        raise Trouble(f"{path} is not a kubeconfig: it is not YAML") from exc
    if not isinstance(document, dict) or document.get("kind") != "Config":
        raise Trouble(f"{path} is not a kubeconfig: no document of kind Config is in it")
    return document
