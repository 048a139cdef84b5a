"""How a failed run is tried again: how often, and after which waits."""

from pydantic import Field

from dragops.model.schema import Shape


class Retry(Shape):
    """Attempts of each run; the first one counts."""

    max_attempts: int = Field(
        default=1,
        ge=1,
        le=100,
        description="How often a run that fails or takes too long is tried in all. With more than "
        "one attempt, a run whose last one fails is a dead letter.",
    )
    initial_seconds: int = Field(
        default=1,
        ge=0,
        le=86_400,
        description="The wait before the second attempt; it doubles before each later one.",
    )
    max_seconds: int = Field(
        default=300, ge=0, le=86_400, description="No wait before an attempt is longer."
    )

    def wait_seconds(self, attempt: int, chance: float) -> float:
        """Give the wait after this attempt; ``chance`` of 0 to 1 takes half of it to none off."""
        doubled: int = self.initial_seconds * 2 ** (attempt - 1)
        return min(self.max_seconds, doubled) * (0.5 + chance / 2)

    def longest_seconds(self, timeout_seconds: int) -> int:
        """Give what all attempts may take, with the waits between them."""
        waits = sum(self.wait_seconds(attempt, 1) for attempt in range(1, self.max_attempts))
        return self.max_attempts * timeout_seconds + int(waits)
