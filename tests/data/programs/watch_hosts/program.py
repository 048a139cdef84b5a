"""Watch hosts: compiled by DragOps, runtime 1."""

from dragops.nodes import hashing, mail, network, string, utility, variables
from dragops.nodes.convert import to_string

VARIABLES = {"report": ""}
TYPES = {"report": to_string}


async def mail_2(ctx, event):
    ctx.step("pass")
    await utility.emit_event(ctx, topic="hosts/told", payload=event.get("subject"))


async def told(ctx, event):
    ctx.step("known")
    await network.dns_lookup(ctx, name=to_string(event.get("payload"), "name"))
    ctx.step("open")
    open_open, *_ = await network.check_port(ctx, host=to_string(event.get("payload"), "host"), port=443, timeout=3)
    ctx.step("good")
    *_, good_days_left = await network.tls_certificate(ctx, host=to_string(event.get("payload"), "host"))
    ctx.step("note")
    line = string.format_(template="{host}: reachable {open}, certificate good for {days} days", placeholders={"host": event.get("payload"), "open": open_open, "days": good_days_left})
    variables.append_to_string(ctx, TYPES, name="report", text=line, separator="; ")
    ctx.step("ticket")
    ticket_uuid = utility.generate_uuid(ctx, version="7")
    ctx.step("code")
    code_token = hashing.random_token(ctx, length=8, alphabet="digits")
    ctx.step("send")
    report = variables.get_variable(ctx, name="report")
    text = string.format_(template="{report} (ticket {ticket}, code {code})", placeholders={"report": report, "ticket": ticket_uuid, "code": code_token})
    await mail.send_email(ctx, to="ops@example.com", subject="A host was looked at", text=text)


TRIGGERS = {"mail": mail_2, "told": told}
