"""Weather At: compiled by DragOps, runtime 1."""

from dragops.nodes import declared, http, objects
from dragops.nodes.convert import to_string

VARIABLES = {}
WEATHER_TODAY = {
    "method": "GET",
    "url": "{baseUrl}/data/2.5/weather",
    "query": {"appid": "{secrets.WEATHER_KEY}", "q": "{place}", "units": "{units}"},
    "members": {"units": ["metric", "imperial"]},
    "timeout": 30,
    "failOnError": False,
    "outputs": {"ok": "Boolean", "temperature": "Float", "sky": "Array"},
    "response": {"sky": "weather[].description", "temperature": "/main/temp"},
}


async def hook(ctx, event):
    ctx.step("today")
    place = objects.get_property(object_=event.get("query"), key="place")
    _, today_temperature, today_sky = await declared.call(ctx, WEATHER_TODAY, {"place": to_string(place.value, "place"), "units": "metric", "baseUrl": "https://api.openweathermap.org"})
    ctx.step("reply")
    report = objects.make_object(fields={"temperature": today_temperature, "sky": today_sky})
    http.respond_to_webhook(ctx, body=report)


TRIGGERS = {"hook": hook}
