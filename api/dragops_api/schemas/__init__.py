"""Request and answer shapes, where they differ from the model."""
