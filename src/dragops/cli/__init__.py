"""The command ``dragops``: the REST API at a terminal; one file a command group in ``commands``."""
