"""Order Report: compiled by DragOps, runtime 1."""

from dragops.nodes import array_items, array_order, arrays, comparison, math, objects, string, utility
from dragops.nodes.convert import to_array, to_number, to_string

VARIABLES = {}


async def tick(ctx, event):
    city_item = None

    def get_by_city():
        named = get_named()
        return array_order.group_by(array=named.result, path="customer.city")

    def get_rounded():
        there = get_there()
        sum_ = array_order.reduce(array=to_array(there.value, "array"), path="total")
        return math.round_(value=to_number(sum_, "value"), digits=2)

    def get_there():
        by_city = get_by_city()
        return objects.get_property(object_=by_city.groups, key=to_string(city_item, "key"))

    def get_named():
        orders = objects.get_property(object_=event.get("data"), key="orders", default=[])
        paid = array_items.filter_(array=to_array(orders.value, "array"), path="state", operator="in", value=["paid", "shipped"])
        customers = objects.get_property(object_=event.get("data"), key="customers", default=[])
        return array_order.join_by_key(left=paid.result, right=to_array(customers.value, "right"), left_key="customer", right_key="id", mode="inner", into="customer")

    ctx.step("city")
    by_city = get_by_city()
    for city_item in by_city.keys:
        await ctx.turn()
        ctx.step("pick")
        rounded = get_rounded()
        is_large = comparison.in_range(value=rounded, min_=1000, max_=1000000000)
        if is_large:
            ctx.step("say")
            rounded = get_rounded()
            there = get_there()
            largest = array_order.sort(array=to_array(there.value, "array"), path="total", order="desc")
            top = arrays.slice_(array=largest, end=3)
            lines = array_items.map_(array=top, template="{customer.name}: {total}")
            text = string.format_(template="{city}: {sum} of {lines}", placeholders={"city": city_item, "sum": rounded, "lines": lines})
            utility.log(ctx, message=text)
    ctx.step("lost")
    named = get_named()
    utility.log(ctx, message=named.unmatched, level="warn")


TRIGGERS = {"tick": tick}
