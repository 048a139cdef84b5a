"""Measures the numbers that DragOps promises: ``python -m bench [case ...]``."""
