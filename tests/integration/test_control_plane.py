"""The control plane of the tests is the Kubernetes that go.mod pins, whole enough to rely on."""

import subprocess

from dragops_localcluster.binaries import kubernetes_version
from dragops_localcluster.layout import Layout
from dragops_localcluster.probe import Probe


def test_the_api_server_says_which_kubernetes_it_is(cluster: Layout) -> None:
    """Charts and kubectl refuse an API server without a version."""
    assert Probe(cluster).json("/version")["gitVersion"] == kubernetes_version()


def test_controllers_run(cluster: Layout) -> None:
    """A new namespace gets its account and its copy of the authority."""
    name = "made-by-controllers"
    kubectl = [str(cluster.program), "kubectl", f"--kubeconfig={cluster.kubeconfig}"]
    subprocess.run([*kubectl, "create", "namespace", name], check=True)

    waited = ["wait", "--for=create", "serviceaccount/default", "configmap/kube-root-ca.crt"]
    subprocess.run([*kubectl, "-n", name, *waited, "--timeout=10s"], check=True)

    found = Probe(cluster).json(f"/api/v1/namespaces/{name}/configmaps/kube-root-ca.crt")
    assert found["data"]["ca.crt"] == (cluster.pki / "ca.crt").read_text()
