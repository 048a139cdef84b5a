"""What starts runs, as patterns and deployments tell it."""

from dragops.model.schema import Shape


class TriggerOut(Shape):
    """A node that starts runs."""

    type: str
    node_id: str
