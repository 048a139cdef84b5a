"""Break and Continue in random graphs: each that may not stand where it does is a fault."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragops.compiler.check import check
from support.nested_flows import jumping_pattern


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), size=st.integers(1, 40))
def test_a_jump_is_a_fault_where_some_way_to_it_has_no_loop(seed: int, size: int) -> None:
    """And nowhere else: neither loops that end before it count, nor those around parallel ones."""
    spec, misplaced = jumping_pattern(seed, impure=size)

    _, faults = check(spec)

    assert {f.node_id for f in faults if f.code == "BREAK_OUTSIDE_LOOP"} == misplaced
