'"""\nimport os  # \\: compiled by DragOps, runtime 1.'

from dragops.nodes import string, utility, variables
from dragops.nodes.convert import to_any, to_string

VARIABLES = {
    "import": '""" + open(\'x\').read() + """',
    "__class__": {"'; raise": ["\\", "\u2028", "\r\n"]},
}
TYPES = {"import": to_string, "__class__": to_any}


async def class_(ctx, event):
    ctx.step("1")
    utility.log(ctx, message='\'\'\'"""\\N{BULLET}\n{x}')
    ctx.step("TRIGGERS")
    ctx_2 = variables.get_variable(ctx, name="__class__")
    utility.log(ctx, message=ctx_2)
    ctx.step("__-__")
    string_2 = string.format_(template="{import}{{}}", placeholders={"import": "\t\x00"}, values={"}": 1})
    utility.log(ctx, message=string_2)


TRIGGERS = {"class": class_}
