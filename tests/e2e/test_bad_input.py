"""Bad input by REST: one clear sentence each, and nothing is changed."""

import pytest

from support.product import LOGGER, Product, graph

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

CYCLE = graph(
    {"start": ("OnStart", {}), "a": ("Log", {}), "b": ("Log", {})},
    "start.exec -> a.exec",
    "a.exec -> b.exec",
    "b.exec -> a.exec",
)


def test_a_body_that_is_not_json_is_400(product: Product) -> None:
    """With the place where JSON ended."""
    answer = product.http.post(
        product.url + "/api/patterns",
        content=b'{"name": ',
        headers={"Authorization": f"Bearer {product.token}", "Content-Type": "application/json"},
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "VALIDATION"


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (graph({"a": ("OnStrat", {})}), "UNKNOWN_NODE"),
        (graph({"a": ("OnStart", {}), "b": ("Log", {})}, "a.exec -> c.exec"), "UNKNOWN_WIRE_END"),
        (CYCLE, "EXEC_CYCLE"),
        (graph({"a": ("Log", {})}), "NO_TRIGGER"),
        (graph({"t": ("OnSchedule", {"schedule": "61 * * * *"})}), "BAD_SCHEDULE"),
    ],
    ids=["unknown node", "wire to nowhere", "cycle", "no trigger", "bad schedule"],
)
def test_a_graph_that_does_not_compile_is_422_and_nothing_is_deployed(
    product: Product, broken: dict[str, object], code: str
) -> None:
    """The fault names the node; no deployment is made."""
    created = product.data("POST", "/api/patterns", {"name": "Broken", "graphData": broken})

    answer = product.call("POST", f"/api/patterns/{created['id']}/deploy", {"nodeDefinitions": {}})

    assert answer.status_code == 422
    assert code in {fault["code"] for fault in answer.json()["error"]["details"]}
    status = product.call("GET", f"/api/patterns/{created['id']}/deployment")
    assert (status.status_code, status.json()["error"]["code"]) == (404, "DEPLOYMENT_NOT_FOUND")


def test_an_unknown_pattern_is_404(product: Product) -> None:
    """With the code that clients know."""
    answer = product.call("POST", "/api/patterns/pat_nothere/deploy", {"nodeDefinitions": {}})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "PATTERN_NOT_FOUND")


def test_no_token_is_401_and_a_token_without_rights_is_403(product: Product) -> None:
    """A REST permission is a Kubernetes permission."""
    product.kubectl("create", "serviceaccount", "nobody-special", check=False)
    powerless = product.kubectl(
        "create", "token", "nobody-special", "--audience=dragops-api"
    ).strip()

    def ask(headers: dict[str, str]) -> tuple[int, str, str]:
        answer = product.http.post(
            product.url + "/api/patterns", json={"name": "X", "graphData": LOGGER}, headers=headers
        )
        error = answer.json()["error"]
        return answer.status_code, error["code"], error["message"]

    assert ask({})[:2] == (401, "UNAUTHENTICATED")
    assert ask({"Authorization": "Bearer nonsense"})[:2] == (401, "UNAUTHENTICATED")
    status, code, message = ask({"Authorization": f"Bearer {powerless}"})
    assert (status, code) == (403, "FORBIDDEN")
    assert "create" in message
    assert "patterns" in message
    assert product.workspace in message


def test_a_huge_body_is_413(product: Product) -> None:
    """Before it is read to its end."""
    endpoint_owner = product.deploy(LOGGER, "Small")[1]
    endpoint = product.endpoint(endpoint_owner)

    answer = product.http.post(endpoint["webhookUrl"], content=b"x" * 2_000_000)

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "TOO_LARGE"
