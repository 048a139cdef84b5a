"""The configuration files of the node's components, as values first; written out at each start."""

import json

from dragops_localcluster.kubeconfig import CONTEXT
from dragops_localcluster.layout import NODE_NAME, Layout

PAUSE_IMAGE = "localhost/pause:1"


def write_node_config(layout: Layout) -> None:
    """Write every file below the layout's config folder."""
    files = {
        "kubelet.json": json.dumps(kubelet_config(layout), indent=1),
        "proxy.json": json.dumps(proxy_config(layout), indent=1),
        "containerd.toml": containerd_config(layout),
        "Corefile": corefile(layout),
        "resolv.conf": "",
        "cni/10-local.conflist": json.dumps(cni_config(layout), indent=1),
    }
    (layout.config / "cni").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (layout.config / name).write_text(text)


def kubelet_config(layout: Layout) -> dict[str, object]:
    """Configure the kubelet for a machine it shares with others."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "address": layout.slot.node_address,
        "healthzBindAddress": "127.0.0.1",
        "tlsCertFile": str(layout.pki / "kubelet-server.crt"),
        "tlsPrivateKeyFile": str(layout.pki / "kubelet-server.key"),
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(layout.pki / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        **_resources(layout),
        "makeIPTablesUtilChains": False,
        "clusterDNS": [layout.slot.node_address],
        "clusterDomain": "cluster.local",
        "resolvConf": str(layout.config / "resolv.conf"),
        "volumePluginDir": "/var/lib/kubelet/volumeplugins",
    }


def _resources(layout: Layout) -> dict[str, object]:
    return {
        # Many hosts, this project's CI among them, still have version 1.
        "failCgroupV1": False,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{layout.slot.cgroup}",
        "failSwapOn": False,
        # A developer's disk is usually fuller than a server's may be.
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
            "nodefs.inodesFree": "1%",
        },
        # There is no registry to get a removed image back from.
        "imageGCHighThresholdPercent": 100,
    }


def proxy_config(layout: Layout) -> dict[str, object]:
    """Configure kube-proxy for nftables inside a network namespace."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clusterCIDR": layout.slot.pods,
        "hostnameOverride": NODE_NAME,
        "clientConnection": {"kubeconfig": str(layout.kubeconfig_of("proxy"))},
        # Zero means hands off: these sysctls cannot be written in a network namespace.
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
        "healthzBindAddress": f"127.0.0.1:{layout.slot.port('proxy')}",
        "metricsBindAddress": f"127.0.0.1:{layout.slot.port('metrics')}",
    }


def cni_config(layout: Layout) -> dict[str, object]:
    """Configure the pod network: a bridge, and no way from pods to the internet."""
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": layout.slot.pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "hairpinMode": True,
        "ipam": addresses,
    }
    return {"cniVersion": "0.4.0", "name": "local", "plugins": [bridge]}


def corefile(layout: Layout) -> str:
    """Configure CoreDNS, which asks the API server itself."""
    return f""".:53 {{
    bind {layout.slot.node_address}
    errors
    cache 5
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig {layout.kubeconfig} {CONTEXT}
    }}
}}
"""


def containerd_config(layout: Layout) -> str:
    """Configure the distribution's containerd.

    restrict_oom_score_adj: else every pod fails without CAP_SYS_RESOURCE, as in many sandboxes.
    """
    unused = ["snapshotter.v1.aufs", "snapshotter.v1.btrfs", "snapshotter.v1.devmapper"]
    unused += ["snapshotter.v1.zfs", "tracing.processor.v1.otlp", "internal.v1.tracing"]
    unused += ["internal.v1.opt"]
    return f"""version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = {json.dumps([f"io.containerd.{name}" for name in unused])}
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{layout.config / "cni"}"
"""
