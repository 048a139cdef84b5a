"""CSV Report: compiled by DragOps, runtime 1."""

from dragops.nodes import array_items, array_order, arrays, formats_csv, http, string, utility
from dragops.nodes.convert import to_string

VARIABLES = {}


async def hook(ctx, event):
    def get_large():
        table = formats_csv.csv_parse(text=to_string(event.get("body"), "text"), types=True)
        return array_items.filter_(array=table.rows, path="amount", operator="greaterOrEqual", value=100)

    ctx.step("log")
    large = get_large()
    count = arrays.array_length(array=large.result)
    total = array_order.reduce(array=large.result, path="amount")
    text = string.format_(template="{count} large orders, {total} in all", placeholders={"count": count, "total": total})
    utility.log(ctx, message=text)
    ctx.step("reply")
    large = get_large()
    sorted_ = array_order.sort(array=large.result, path="amount", order="desc")
    csv = formats_csv.csv_stringify(rows=sorted_, columns=["customer", "amount"])
    http.respond_to_webhook(ctx, headers={"Content-Type": "text/csv"}, body=csv)


TRIGGERS = {"hook": hook}
