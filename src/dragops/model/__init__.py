"""The nouns of DragOps as frozen data: what a pattern, a deployment, a program and a run are."""
