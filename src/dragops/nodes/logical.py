"""Logic. What reads only some inputs has a rule in ``dragops.compiler.lazy``."""

from dragops.nodes.category import Category

category = Category("Logical")

category.declare(
    "And pure (a: Boolean!, b: Boolean!) -> (result: Boolean)",
    "True if both are; b is read only if a is true.",
    lazy=("b",),
)
category.declare(
    "Or pure (a: Boolean!, b: Boolean!) -> (result: Boolean)",
    "True if one is; b is read only if a is false.",
    lazy=("b",),
)
category.declare(
    "Select pure (condition: Boolean!, ifTrue: Any, ifFalse: Any) -> (result: Any)",
    "Gives one of two values and reads only that one.",
    lazy=("ifTrue", "ifFalse"),
)
category.declare(
    "Coalesce pure (a: Any, b: Any) -> (result: Any)",
    "Gives a unless it is null, else b.",
    lazy=("b",),
)


@category.node("Not pure (value: Boolean!) -> (result: Boolean)")
def not_(value: bool) -> bool:
    """Turn true into false and false into true."""
    return not value
