"""Decisions, one file a kind: what was observed in, a plan out; no network, no clock."""
