"""The engine: takes webhooks, runs programs, reports each run to the recorder."""
