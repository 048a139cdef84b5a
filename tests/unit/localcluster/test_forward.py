"""The kept port-forward: whatever ends kubectl, the address answers again, until make down."""

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dragops_localcluster.forward import PORTS, Forward, end_forward, first_free, start_forward
from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.target import Target
from dragops_localcluster.trouble import Trouble
from support.product import eventually

KUBECTL = """#!{python}
# plays `kubectl port-forward`: serves the port it is told, and writes down how it was called
import http.server, os, sys
call = [str(os.getpid()), os.environ["KUBECONFIG"], *sys.argv[1:]]
open({log!r}, "a").write(" ".join(call) + "\\n")
{before}
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
port = int(sys.argv[-1].partition(":")[0])
http.server.HTTPServer(("127.0.0.1", port), Ok).serve_forever()
"""


def _target(folder: Path, before: str = "") -> Target:
    program = folder / "kubectl"
    log = str(folder / "calls")
    program.write_text(KUBECTL.format(python=sys.executable, log=log, before=before))
    program.chmod(0o755)
    return Target("/a:/b", "mine", program, program)


def _calls(folder: Path) -> list[list[str]]:
    return [line.split() for line in (folder / "calls").read_text().splitlines()]


def test_a_forward_is_started_again_when_kubectl_ends(tmp_path: Path) -> None:
    """It dies with the pod at its other end; the address stays the same."""
    forward = start_forward(tmp_path, _target(tmp_path))
    try:
        (first,) = _calls(tmp_path)
        subprocess.run(["kill", first[0]], check=True)

        eventually(lambda: len(_calls(tmp_path)) == 2)
        second = _calls(tmp_path)[1]
        assert second[1:] == first[1:]
        assert first[1:4] == ["/a:/b", "kubectl", "--context=mine"]
        assert first[-2:] == ["service/dragops-api", f"{forward.port}:http"]
    finally:
        end_forward(tmp_path)


HANGS_AT_FIRST = """
import socket, time
if len(open(LOG).readlines()) == 1:
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        deaf.bind(("127.0.0.1", int(sys.argv[-1].partition(":")[0])))
        deaf.listen()
        time.sleep(600)
"""


def test_a_forward_that_hangs_is_started_again(tmp_path: Path) -> None:
    """The network between went away: kubectl holds the port, and nothing comes back."""
    before = HANGS_AT_FIRST.replace("LOG", repr(str(tmp_path / "calls")))

    forward = start_forward(tmp_path, _target(tmp_path, before), ask_every_seconds=0.4)
    try:
        assert len(_calls(tmp_path)) >= 2
        assert forward.answers("/readyz")
    finally:
        end_forward(tmp_path)


def test_ending_a_forward_ends_all_of_it(tmp_path: Path) -> None:
    """The process that keeps it and the kubectl that it keeps; a second time is nothing."""
    forward = start_forward(tmp_path, _target(tmp_path))
    keeper = OwnProcess.load(tmp_path / "forward.pid")
    assert keeper
    assert keeper.is_alive()
    kubectl = OwnProcess.of(int(_calls(tmp_path)[0][0]))

    end_forward(tmp_path)
    end_forward(tmp_path)

    assert not keeper.is_alive()
    eventually(lambda: not kubectl.is_alive())
    assert first_free([forward.port]) == forward.port


def test_a_killed_keeper_takes_kubectl_along(tmp_path: Path) -> None:
    """Nothing is left that holds the port."""
    start_forward(tmp_path, _target(tmp_path))
    keeper = OwnProcess.load(tmp_path / "forward.pid")
    kubectl = OwnProcess.of(int(_calls(tmp_path)[0][0]))
    assert keeper

    subprocess.run(["kill", "-9", str(keeper.pid)], check=True)

    eventually(lambda: not kubectl.is_alive())
    end_forward(tmp_path)


def test_a_second_start_replaces_the_first_on_its_port(tmp_path: Path) -> None:
    """DRAGOPS_URL in a shell that loaded .local/env stays right."""
    target = _target(tmp_path)
    first = start_forward(tmp_path, target)
    keeper = OwnProcess.load(tmp_path / "forward.pid")
    try:
        second = start_forward(tmp_path, target)

        assert second == first
        assert keeper
        assert not keeper.is_alive()
    finally:
        end_forward(tmp_path)


def test_two_that_start_at_the_same_time_have_two_ports(tmp_path: Path) -> None:
    """kubectl binds its port later; until then another start must not choose it too."""
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    try:
        with ThreadPoolExecutor() as pool:
            forwards = list(pool.map(lambda at: start_forward(at, _target(at)), folders))
        assert len({forward.port for forward in forwards}) == 2
        assert [len(_calls(folder)) for folder in folders] == [1, 1]
    finally:
        for folder in folders:
            end_forward(folder)


def test_a_forward_that_cannot_be_says_what_kubectl_said(tmp_path: Path) -> None:
    """And the half-started one is ended."""
    target = _target(tmp_path, "sys.exit('error: no such service')")

    with pytest.raises(Trouble, match=r"leads nowhere; .* said: error: no such service"):
        start_forward(tmp_path, target)

    assert not (tmp_path / "forward.pid").exists()


def test_a_port_that_is_in_use_is_passed_over() -> None:
    """Another server of this machine keeps it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert first_free([port, *PORTS]) in PORTS
        with pytest.raises(Trouble, match=f"ports {port} to {port} of this machine"):
            first_free([port])


def test_kubectl_leads_to_the_service_by_the_name_of_its_port() -> None:
    """Values may give it another number."""
    argv = Forward(8001, "/bin/localcluster", "mine").argv()

    assert argv[-1] == "8001:http"
    assert "--address=127.0.0.1" in argv
