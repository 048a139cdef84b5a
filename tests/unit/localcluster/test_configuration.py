"""What a layout becomes: certificates, command lines, configuration files."""

import json
import tomllib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from dragops_localcluster import components
from dragops_localcluster.kubeconfig import write_kubeconfigs
from dragops_localcluster.layout import Layout
from dragops_localcluster.node_config import containerd_config, kubelet_config, write_node_config
from dragops_localcluster.pki import CLIENTS, write_pki
from dragops_localcluster.slot import Slot

PROGRAM = Path("/programs/localcluster")


def _node(run: Path) -> Layout:
    return Layout(run, Slot(3), PROGRAM, Path("/programs/coredns"))


def test_every_certificate_is_signed_by_the_authority(tmp_path: Path) -> None:
    """Clients and servers trust one key, and a key is readable by its owner only."""
    layout = _node(tmp_path)

    write_pki(layout)

    authority = x509.load_pem_x509_certificate((layout.pki / "ca.crt").read_bytes())
    for name in [*CLIENTS, "apiserver", "kubelet-server"]:
        certificate = x509.load_pem_x509_certificate((layout.pki / f"{name}.crt").read_bytes())
        certificate.verify_directly_issued_by(authority)
        assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
        assert (layout.pki / f"{name}.key").stat().st_mode & 0o077 == 0


def test_the_api_server_is_known_by_every_name_that_is_used(tmp_path: Path) -> None:
    """From the host, from a pod by address and from a pod by name."""
    layout = _node(tmp_path)
    write_pki(layout)

    certificate = x509.load_pem_x509_certificate((layout.pki / "apiserver.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert "kubernetes.default.svc" in names.get_values_for_type(x509.DNSName)
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    assert {"127.0.0.1", "10.99.3.2", "10.96.48.1"} <= addresses


def test_keys_are_made_once_and_half_made_ones_again(tmp_path: Path) -> None:
    """A restart keeps its certificates; a driver that was killed while making them leaves none."""
    layout = _node(tmp_path)
    (tmp_path / "pki.new").mkdir()
    (tmp_path / "pki.new" / "ca.key").write_text("half")
    write_pki(layout)
    first = (layout.pki / "ca.crt").read_bytes()

    write_pki(layout)

    assert (layout.pki / "ca.crt").read_bytes() == first
    assert not (tmp_path / "pki.new").exists()


def test_a_kubeconfig_leads_to_the_form_that_runs(tmp_path: Path) -> None:
    """The node's API server is on the node, the other one on the loopback device."""
    servers = []
    for layout in [_node(tmp_path / "a"), Layout(tmp_path / "b", Slot(3), PROGRAM)]:
        layout.run.mkdir()
        write_pki(layout)
        write_kubeconfigs(layout)
        servers.append(
            json.loads(layout.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
        )

    assert servers == ["https://10.99.3.2:16430", "https://127.0.0.1:16430"]


def test_nothing_but_a_node_listens_beyond_loopback(tmp_path: Path) -> None:
    """The control plane alone is for tests: no port of it is seen from outside."""
    layout = Layout(tmp_path, Slot(0), PROGRAM)
    parts = [components.apiserver, components.controller_manager, components.scheduler]

    for part in parts:
        assert "--bind-address=127.0.0.1" in part(layout)
    listening = [word for word in components.etcd(layout) if word.startswith("--listen")]
    assert listening
    assert all("=http://127.0.0.1:" in word for word in listening)


def test_configuration_files_are_written_and_can_be_read(tmp_path: Path) -> None:
    """JSON is JSON, TOML is TOML, and each names the slot's own things."""
    layout = _node(tmp_path)

    write_node_config(layout)

    kubelet = json.loads((layout.config / "kubelet.json").read_text())
    containerd = tomllib.loads((layout.config / "containerd.toml").read_text())
    assert kubelet == kubelet_config(layout)
    assert kubelet["cgroupRoot"] == "/dragops-3"
    assert containerd == tomllib.loads(containerd_config(layout))
    assert containerd["plugins"]["io.containerd.grpc.v1.cri"]["restrict_oom_score_adj"] is True
    assert "10.244.3.0/24" in (layout.config / "cni/10-local.conflist").read_text()


def test_a_layout_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """A later driver and the supervisor see the same cluster."""
    for layout in [_node(tmp_path), Layout(tmp_path, Slot(1), PROGRAM)]:
        layout.save()

        assert Layout.load(tmp_path) == layout
    assert Layout.load(tmp_path / "nothing") is None
