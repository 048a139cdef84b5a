"""Keys and certificates of a cluster: one authority, and who it vouches for."""

import datetime
import ipaddress
import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dragops_localcluster.layout import NODE_NAME, Layout

LIFETIME = datetime.timedelta(days=3650)
CLIENTS = {
    "admin": ("admin", "system:masters"),
    "controller-manager": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
    "proxy": ("system:kube-proxy", ""),
    "kubelet": (f"system:node:{NODE_NAME}", "system:nodes"),
    "apiserver-kubelet-client": ("apiserver-kubelet-client", "system:masters"),
    "front-proxy-client": ("front-proxy-client", ""),
}


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name


def write_pki(layout: Layout) -> None:
    """Make everything once; either the whole folder is there afterwards or none of it."""
    if layout.pki.exists():
        return
    folder = layout.pki.with_suffix(".new")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    authority = _write_authority(folder)
    for name, (common_name, group) in CLIENTS.items():
        _issue(folder, name, _subject(common_name, group), signer=authority)
    for name, (common_name, hosts) in _servers(layout).items():
        _issue(folder, name, _subject(common_name), signer=authority, hosts=hosts)
    _write_token_keys(folder)
    folder.rename(layout.pki)


def _servers(layout: Layout) -> dict[str, tuple[str, list[str]]]:
    slot = layout.slot
    service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"]
    service += ["kubernetes.default.svc.cluster.local", slot.api_service_address]
    everywhere = ["localhost", "127.0.0.1", slot.node_address]
    return {
        "apiserver": ("kube-apiserver", [*everywhere, *service]),
        "kubelet-server": (NODE_NAME, [*everywhere, NODE_NAME]),
    }


def _subject(common_name: str, group: str = "") -> x509.Name:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
    return x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _write_authority(folder: Path) -> Authority:
    authority = Authority(ec.generate_private_key(ec.SECP256R1()), _subject("dragops-localcluster"))
    certificate = _certificate(authority.name, authority.key.public_key(), authority)
    basics = x509.BasicConstraints(ca=True, path_length=None)
    signed = certificate.add_extension(basics, critical=True).sign(authority.key, hashes.SHA256())
    _write(folder / "ca", authority.key, signed)
    return authority


def _issue(
    folder: Path,
    name: str,
    subject: x509.Name,
    *,
    signer: Authority,
    hosts: list[str] | None = None,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    basics = x509.BasicConstraints(ca=False, path_length=None)
    usage = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    certificate = (
        _certificate(subject, key.public_key(), signer)
        .add_extension(basics, critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    )
    if hosts:
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        certificate = certificate.add_extension(names, critical=False)
    _write(folder / name, key, certificate.sign(signer.key, hashes.SHA256()))


def _certificate(
    subject: x509.Name, public: ec.EllipticCurvePublicKey, signer: Authority
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # An hour back: the clock of a resumed virtual machine may step.
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(authority_key, critical=False)
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write_token_keys(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    _write(folder / "sa", key)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "sa.pub").write_bytes(public)


def _write(
    stem: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate | None = None
) -> None:
    pem = serialization.Encoding.PEM
    secret = stem.with_name(f"{stem.name}.key")
    secret.touch(mode=0o600)
    secret.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    if certificate:
        stem.with_name(f"{stem.name}.crt").write_bytes(certificate.public_bytes(pem))
