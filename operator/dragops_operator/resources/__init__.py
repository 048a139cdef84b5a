"""Builders of child objects: pure, named after what they return."""
