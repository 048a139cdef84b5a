"""DragOps: patterns are graphs of nodes, programs their compiled text, runs their executions."""
