"""One volume for claims that name no class: a folder of the node's, gone with the cluster."""

from dragops_localcluster.layout import NODE_NAME, Layout

FOLDER = "dragops-volume"
CLASS = "local"


def volume_manifests(layout: Layout) -> list[dict[str, object]]:
    """Give the default storage class and its volume; the folder is made by the way."""
    (layout.run / "var-lib" / FOLDER).mkdir(mode=0o770, parents=True, exist_ok=True)
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE_NAME]}
    volume: dict[str, object] = {
        "capacity": {"storage": "8Gi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": CLASS,
        "local": {"path": f"/var/lib/{FOLDER}"},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
    }
    storage_class: dict[str, object] = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": CLASS,
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    claimable: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": FOLDER},
        "spec": volume,
    }
    return [storage_class, claimable]
