"""Questions to the API server, asked as the administrator."""

import json
import ssl
import urllib.request
from typing import Any

from dragops_localcluster.layout import Layout


class Probe:
    """Asks one API server; every failure is an OSError."""

    def __init__(self, layout: Layout) -> None:
        self._server = layout.server
        self._tls = ssl.create_default_context(cafile=layout.pki / "ca.crt")
        self._tls.load_cert_chain(layout.pki / "admin.crt", layout.pki / "admin.key")
        # A proxy from the environment knows nothing of these addresses.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)
        )

    def text(self, path: str) -> str:
        """GET a path."""
        with self._opener.open(self._server + path, timeout=5) as answer:
            body: bytes = answer.read()
        return body.decode()

    def json(self, path: str) -> Any:
        """GET a path that answers JSON."""
        return json.loads(self.text(path))
