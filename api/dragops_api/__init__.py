"""The REST door: turns calls into custom resources, and reads runs."""
