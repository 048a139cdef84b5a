"""The product does what its description says: calls made of it, good, bad and in sequences.

Schemathesis makes about 2,500 calls, always the same, at the API over a real control plane, with
the operator, the engine and the recorder behind it. No answer may be an unforeseen error, have a
status or a shape that the description does not name, or accept what it forbids; what was created is
there, what was deleted is gone, and nothing works without the token.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dragops_localcluster.control_plane import control_plane
from support.installation import installed_product

CONFIG = Path(__file__).parents[1] / "data/schemathesis.toml"


@pytest.mark.timeout(300)  # a minute of calls, and others may test beside us
def test_calls_made_of_the_description_get_the_answers_it_names(tmp_path: Path) -> None:
    """Examples, edges of each schema, random data and chains of calls along the links.

    In a cluster of their own, as they leave much behind that has the names of the examples.
    """
    program = Path(sys.executable).with_name("schemathesis")
    with control_plane() as own, installed_product(str(own.kubeconfig), tmp_path) as product:
        done = subprocess.run(
            [program, "--config-file", CONFIG, "run", f"{product.url}/openapi.json"],
            env=os.environ | {"TOKEN": product.token, "WORKSPACE": product.workspace},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout + done.stderr
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in done.stdout, done.stdout
