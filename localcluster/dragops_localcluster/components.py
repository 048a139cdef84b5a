"""The command line of each component, as a value: nothing is started here.

Flags that look odd say why; all others are those of a usual single-server control plane.
"""

from dragops_localcluster.layout import NODE_NAME, Layout

# With the default of 20/30 calls a second a fresh cluster takes 8 s instead of 4 s to settle.
FAST_CLIENT = ["--kube-api-qps=500", "--kube-api-burst=1000"]


def etcd(layout: Layout) -> list[str]:
    """Give etcd; without fsync, as its data outlives a killed process but need not a power cut."""
    url = _etcd_url(layout)
    return [
        *[str(layout.program), "etcd"],
        f"--data-dir={layout.run / 'etcd'}",
        *[f"--listen-client-urls={url}", f"--advertise-client-urls={url}"],
        "--listen-peer-urls=http://127.0.0.1:0",
        *["--unsafe-no-fsync", "--log-level=warn"],
    ]


def apiserver(layout: Layout) -> list[str]:
    """Give kube-apiserver, with what its form needs to reach the kubelet or to do without one."""
    pki, port = layout.pki, layout.slot.port("apiserver")
    return [
        *[str(layout.program), "kube-apiserver"],
        f"--etcd-servers={_etcd_url(layout)}",
        *[f"--bind-address={layout.address}", f"--secure-port={port}"],
        *[f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key"],
        f"--client-ca-file={pki}/ca.crt",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki}/sa.pub",
        f"--service-account-signing-key-file={pki}/sa.key",
        *["--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction"],
        f"--service-cluster-ip-range={layout.slot.services}",
        *["--allow-privileged=true", "--profiling=false"],
        f"--requestheader-client-ca-file={pki}/ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki}/front-proxy-client.crt",
        f"--proxy-client-key-file={pki}/front-proxy-client.key",
        *(_to_the_kubelet(layout) if layout.has_node else ["--endpoint-reconciler-type=none"]),
    ]


def _to_the_kubelet(layout: Layout) -> list[str]:
    pki = layout.pki
    return [
        f"--advertise-address={layout.address}",
        f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        # By name it would be asked of a DNS that does not know the node.
        "--kubelet-preferred-address-types=InternalIP",
    ]


def controller_manager(layout: Layout) -> list[str]:
    """Give kube-controller-manager, with every controller: a node needs most of them."""
    pki = layout.pki
    return [
        *[str(layout.program), "kube-controller-manager"],
        *_controller(layout, "controller-manager", "controllers"),
        *["--use-service-account-credentials=true", "--allocate-node-cidrs=false"],
        f"--service-account-private-key-file={pki}/sa.key",
        f"--root-ca-file={pki}/ca.crt",
        f"--cluster-signing-cert-file={pki}/ca.crt",
        f"--cluster-signing-key-file={pki}/ca.key",
        # The default is a folder below /usr that it makes.
        f"--flex-volume-plugin-dir={layout.run / 'flex'}",
    ]


def scheduler(layout: Layout) -> list[str]:
    """Give kube-scheduler."""
    return [
        *[str(layout.program), "kube-scheduler"],
        *_controller(layout, "scheduler", "scheduler"),
    ]


def _controller(layout: Layout, who: str, port: str) -> list[str]:
    path = layout.kubeconfig_of(who)
    return [
        *[f"--kubeconfig={path}", f"--authentication-kubeconfig={path}"],
        f"--authorization-kubeconfig={path}",
        *["--leader-elect=false", "--profiling=false", *FAST_CLIENT],
        *["--bind-address=127.0.0.1", f"--secure-port={layout.slot.port(port)}"],
    ]


def containerd(layout: Layout) -> list[str]:
    """Give containerd, the distribution's."""
    return ["containerd", "-c", str(layout.config / "containerd.toml")]


def kubelet(layout: Layout) -> list[str]:
    """Give the kubelet of the one node."""
    return [
        *[str(layout.program), "kubelet"],
        f"--config={layout.config / 'kubelet.json'}",
        f"--kubeconfig={layout.kubeconfig_of('kubelet')}",
        *[f"--hostname-override={NODE_NAME}", f"--node-ip={layout.slot.node_address}"],
    ]


def kube_proxy(layout: Layout) -> list[str]:
    """Give kube-proxy."""
    return [str(layout.program), "kube-proxy", f"--config={layout.config / 'proxy.json'}"]


def coredns(layout: Layout) -> list[str]:
    """Give CoreDNS: a plain process on the node's address, no pod."""
    return [str(layout.coredns), "-conf", str(layout.config / "Corefile")]


def _etcd_url(layout: Layout) -> str:
    return f"http://127.0.0.1:{layout.slot.port('etcd')}"
