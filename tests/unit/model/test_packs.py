"""Integration packs: what they share is written into each node, and what is wrong has a place."""

from typing import Any

import pytest
from pydantic import ValidationError

from dragops.compiler.packs import wrong_in_pack
from dragops.model.declared import DeclaredNode
from dragops.model.pack import Pack, definitions_of
from support.declared import definition_json

Object = dict[str, Any]
TOKEN = {"name": "API_TOKEN", "label": "Token"}
USER = {"name": "API_USER", "label": "User"}


def pack(connection: Object | None = None, *nodes: Object, **changes: Any) -> Pack:
    """A pack of one node GetUser, or of these."""
    given = [{"id": "GetUser"} | definition_json(), *nodes][1 if nodes else 0 :]
    metadata = {
        "slug": "test-pack",
        "name": "Test",
        "description": "For tests.",
        "version": "1.0.0",
        "category": "utility",
    } | changes.pop("metadata", {})
    whole: Object = {"packVersion": "1.0", "metadata": metadata, "nodes": given} | changes
    if connection is not None:
        whole["connection"] = {"provider": "test", "credentials": [TOKEN]} | connection
    return Pack.model_validate(whole, by_alias=True, by_name=False)


def only(made: Pack) -> DeclaredNode:
    assert not [*wrong_in_pack(made)]
    [found] = definitions_of(made).values()
    return found


@pytest.mark.parametrize(
    ("connection", "headers", "query"),
    [
        ({"authType": "none", "credentials": []}, {}, {}),
        ({"authType": "bearer"}, {"Authorization": "Bearer {secrets.API_TOKEN}"}, {}),
        ({"authType": "apiKey", "header": "X-Key"}, {"X-Key": "{secrets.API_TOKEN}"}, {}),
        ({"authType": "apiKey", "query": "key"}, {}, {"key": "{secrets.API_TOKEN}"}),
    ],
)
def test_a_connection_says_who_calls(connection: Object, headers: Object, query: Object) -> None:
    """In each node's request, by the name of the credential."""
    request = only(pack(connection)).request

    assert (request.headers, request.query, request.basic_auth) == (headers, query, None)


@pytest.mark.parametrize(
    ("credentials", "username", "password"),
    [
        ([USER, TOKEN], "{secrets.API_USER}", "{secrets.API_TOKEN}"),
        ([TOKEN], "{secrets.API_TOKEN}", ""),
    ],
)
def test_basic_takes_a_user_and_perhaps_a_password(
    credentials: list[Object], username: str, password: str
) -> None:
    basic = only(pack({"authType": "basic", "credentials": credentials})).request.basic_auth

    assert basic is not None
    assert (basic.username, basic.password) == (username, password)


def test_client_credentials_are_given_for_tokens() -> None:
    connection = {
        "authType": "oauth2ClientCredentials",
        "credentials": [USER, TOKEN],
        "tokenUrl": "https://auth.test/token",
        "scope": "read write",
    }

    grant = only(pack(connection)).request.oauth2

    assert grant is not None
    assert grant.as_json() == {
        "tokenUrl": "https://auth.test/token",
        "clientId": "{secrets.API_USER}",
        "clientSecret": "{secrets.API_TOKEN}",
        "scope": "read write",
    }


def test_a_credential_with_a_dot_in_its_name_is_one_secret() -> None:
    dotted = {"authType": "bearer", "credentials": [TOKEN | {"name": "api.token"}]}

    assert only(pack(dotted)).request.headers["Authorization"] == 'Bearer {secrets["api.token"]}'


def test_what_a_node_says_itself_counts_more_than_what_all_share() -> None:
    """Headers in any case, the way to say who calls, the time limit, the category."""
    own = {
        "id": "GetUser",
        "category": "Mine",
        "timeout": 3,
        **definition_json(
            request={"headers": {"ACCEPT": "a", "authorization": "own"}, "query": {"q": 1}}
        ),
    }
    defaults = {"headers": {"accept": "b", "User-Agent": "c"}, "timeout": 9}

    made = only(pack({"authType": "bearer"}, own, defaults=defaults))

    assert made.request.headers == {"User-Agent": "c", "ACCEPT": "a", "authorization": "own"}
    assert (made.timeout, made.category) == (3, "Mine")


def test_what_a_node_leaves_out_is_what_all_share() -> None:
    made = only(pack(defaults={"headers": {"Accept": "b"}, "timeout": 9}))

    assert (made.timeout, made.category, made.request.headers) == (9, "Test", {"Accept": "b"})


@pytest.mark.parametrize(
    ("connection", "path", "told"),
    [
        ({"authType": "bearer", "credentials": []}, "credentials", "bearer takes 1, here are 0"),
        ({"authType": "bearer", "credentials": [USER, TOKEN]}, "credentials", "takes 1, here are"),
        ({"authType": "basic", "credentials": []}, "credentials", "takes 1 or 2, here are 0"),
        ({"authType": "none"}, "credentials", "none takes 0, here are 1"),
        ({"authType": "apiKey"}, "authType", "into a header or a query parameter: name one"),
        ({"authType": "apiKey", "header": "a", "query": "b"}, "authType", "name one of them"),
        ({"authType": "bearer", "header": "a"}, "header", "only authType apiKey has one"),
        ({"authType": "bearer", "scope": "a"}, "scope", "only authType oauth2ClientCredentials"),
        (
            {"authType": "oauth2ClientCredentials", "credentials": [USER, TOKEN]},
            "authType",
            "asks somebody for tokens: name tokenUrl",
        ),
        (
            {"authType": "oauth2ClientCredentials", "tokenUrl": "https://a.test"},
            "credentials",
            "oauth2ClientCredentials takes 2, here are 1",
        ),
    ],
)
def test_a_connection_that_does_not_go_together_is_told(
    connection: Object, path: str, told: str
) -> None:
    [(place, message)] = wrong_in_pack(pack(connection))

    assert place == ("connection", path)
    assert message.startswith(f"connection.{path}: ")
    assert told in message


def test_nodes_are_judged_as_they_will_be_used() -> None:
    """With the place of what is wrong: the pin by its position, the rest by its name."""
    wrong = {"id": "Wrong"} | definition_json(
        inputs=("a", {"name": "b", "type": "blob"}), request={"url": "https://a.test/{c}"}
    )
    twice = {"id": "Wrong"} | definition_json()
    taken = {"id": "Log"} | definition_json()

    found = dict(wrong_in_pack(pack(None, wrong, twice, taken)))

    assert found[("nodes", 1, "id")] == "nodes[1].id: there are two nodes Wrong: rename one"
    assert [*wrong_in_pack(pack(None, wrong))] == [
        (
            ("nodes", 0, "inputs", 1),
            (
                "Wrong: inputs.b: there is no type 'blob': use one of Exec, String, Integer, "
                "Float, Boolean, Object, Array, DateTime, Binary, Any, Null, Enum"
            ),
        ),
        (
            ("nodes", 0, "request", "url"),
            "Wrong: request.url: {c} is no input: there is a, b, secrets and environment",
        ),
    ]
    assert "the catalogue has a node of this name" in " ".join(found.values())


def test_a_pack_has_nodes() -> None:
    empty = pack().model_copy(update={"nodes": ()})

    assert [*wrong_in_pack(empty)] == [(("nodes",), "nodes: a pack has at least one node")]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"packVersion": "2.0"}, ("packVersion",)),
        ({"metadata": {"slug": "Not A Slug"}}, ("metadata", "slug")),
        ({"metadata": {"version": "1.0"}}, ("metadata", "version")),
        ({"metadata": {"version": "01.0.0"}}, ("metadata", "version")),
        ({"metadata": {"iconUrl": "javascript:x"}}, ("metadata", "iconUrl")),
        ({"metadata": {"category": ""}}, ("metadata", "category")),
        ({"extra": 1}, ("extra",)),
        ({"defaults": {"timeout": 0}}, ("defaults", "timeout")),
        ({"connection": {"provider": "x", "authType": "oauth2"}}, ("connection", "authType")),
        ({"nodes": [definition_json()]}, ("nodes", 0, "id")),
        ({"nodes": [{"id": "lower"} | definition_json()]}, ("nodes", 0, "id")),
    ],
)
def test_a_misshapen_pack_is_refused_at_its_place(
    changes: Object, place: tuple[str | int, ...]
) -> None:
    with pytest.raises(ValidationError) as raised:
        pack(**changes)

    assert [error["loc"] for error in raised.value.errors()] == [place]
