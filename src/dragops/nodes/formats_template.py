"""Data formats: texts made of templates, by Liquid, which knows no way into Python."""

from typing import Any

from dragops.nodes.category import Category
from dragops.nodes.context import Context
from dragops.nodes.limits import TEMPLATE_MAX, limit_error

category = Category("Data Formats")


def _checked(template: str) -> str:
    from dragops.nodes.liquid_rendering import check_template  # noqa: PLC0415  # 19 MB, for few

    check_template(_bounded(template))
    return template


@category.node(
    "RenderTemplate pure (template: String!, values: Object = {})"
    " [escape: Boolean = false] -> (text: String)",
    checks={"template": _checked},
)
def render_template(
    ctx: Context, template: str, values: dict[str, Any] | None = None, escape: bool = False
) -> str:
    """Fill in a Liquid template; names that are not in the values are empty."""
    from dragops.nodes.liquid_rendering import rendered  # noqa: PLC0415  # as above

    return rendered(_bounded(template), values or {}, ctx.now, escape=escape)


def _bounded(template: str) -> str:
    if len(template.encode("utf-8", "surrogatepass")) > TEMPLATE_MAX:
        raise limit_error("a template has 64 KiB")
    return template
