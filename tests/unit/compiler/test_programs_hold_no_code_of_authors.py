"""Programs of random graphs with hostile words: every name is ours, every text is a constant."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragops.compiler.compile import compile_pattern
from dragops.model.pattern import PatternSpec
from support.audit import audit
from support.graphs import patterns
from support.hostile_words import HOSTILE, with_hostile_words
from support.nested_flows import nested_patterns

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)


@settings(max_examples=settings().max_examples // 2, suppress_health_check=SLOW)
@given(spec=patterns() | nested_patterns(), seed=st.integers(0, 2**32))
def test_words_stay_data_wherever_they_stand(spec: PatternSpec, seed: int) -> None:
    """Ids, titles, keys, texts, settings: a program holds them as constants, or not at all."""
    hostile = with_hostile_words(spec, Random(seed))

    name = HOSTILE[seed % len(HOSTILE)]
    program = compile_pattern(hostile, name=name)

    audit(program.text, hostile, name=name)
