"""A real Kubernetes on a bare Linux machine, from pinned sources.

Two forms: the control plane alone on the loopback device (no root, for integration tests), and a
node inside its own namespaces (root, for ``make up`` and end-to-end tests). Both are started by
``cluster``, which hands over to ``supervisor``: one process whose death takes everything along.
"""
