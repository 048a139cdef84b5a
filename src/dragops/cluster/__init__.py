"""The door to the API server: nothing else in DragOps talks to it (kopf's own watches apart)."""
