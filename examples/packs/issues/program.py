"""Alert to Issue: compiled by DragOps, runtime 1."""

from dragops.nodes import declared, objects, utility
from dragops.nodes.convert import to_boolean, to_integer, to_string

VARIABLES = {}
GITHUB_FIND_ISSUE = {
    "method": "GET",
    "url": "{baseUrl}/repos/{owner}/{repo}/issues",
    "headers": {
        "Accept": "application/vnd.github+json",
        "Authorization": "Bearer {secrets.GITHUB_TOKEN}",
        "User-Agent": "dragops",
        "X-GitHub-Api-Version": "2022-11-28",
    },
    "query": {"labels": "{label}", "per_page": 1, "state": "open"},
    "timeout": 20,
    "failOnError": True,
    "outputs": {"isFound": "Boolean", "number": "Integer", "title": "String"},
    "response": {"isFound": "length(@) > `0`", "number": "/0/number", "title": "/0/title"},
}
GITHUB_COMMENT_ISSUE = {
    "method": "POST",
    "url": "{baseUrl}/repos/{owner}/{repo}/issues/{number}/comments",
    "headers": {
        "Accept": "application/vnd.github+json",
        "Authorization": "Bearer {secrets.GITHUB_TOKEN}",
        "User-Agent": "dragops",
        "X-GitHub-Api-Version": "2022-11-28",
    },
    "body": {"body": "{text}"},
    "timeout": 20,
    "failOnError": True,
    "outputs": {"url": "String"},
    "response": {"url": "/html_url"},
}
GITHUB_OPEN_ISSUE = {
    "method": "POST",
    "url": "{baseUrl}/repos/{owner}/{repo}/issues",
    "headers": {
        "Accept": "application/vnd.github+json",
        "Authorization": "Bearer {secrets.GITHUB_TOKEN}",
        "User-Agent": "dragops",
        "X-GitHub-Api-Version": "2022-11-28",
    },
    "body": {"body": "{body}", "labels": "{labels}", "title": "{title}"},
    "timeout": 20,
    "failOnError": True,
    "outputs": {"number": "Integer", "url": "String"},
    "response": {"number": "/number", "url": "/html_url"},
}


async def hook(ctx, event):
    ctx.step("find")
    find_is_found, find_number, _ = await declared.call(ctx, GITHUB_FIND_ISSUE, {"owner": "acme", "repo": "shop", "label": "alert", "baseUrl": "https://api.github.com"})
    ctx.step("known")
    if to_boolean(find_is_found, "condition"):
        ctx.step("comment")
        summary = objects.get_property(object_=event.get("body"), key="summary")
        await declared.call(ctx, GITHUB_COMMENT_ISSUE, {"owner": "acme", "repo": "shop", "number": to_integer(find_number, "number"), "text": to_string(summary.value, "text"), "baseUrl": "https://api.github.com"})
    else:
        ctx.step("open")
        summary = objects.get_property(object_=event.get("body"), key="summary")
        _, open_url = await declared.call(ctx, GITHUB_OPEN_ISSUE, {"owner": "acme", "repo": "shop", "title": to_string(summary.value, "title"), "labels": ["alert"], "baseUrl": "https://api.github.com"})
        ctx.step("log")
        utility.log(ctx, message=open_url)


TRIGGERS = {"hook": hook}
