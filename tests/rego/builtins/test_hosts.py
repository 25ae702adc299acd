"""The hosts of ``allow_net``: what OPA refuses by them is refused before any function of the caller is asked."""

from __future__ import annotations

from typing import Any

import pytest

from graven.errors import Malformed
from graven.rego import UNDEFINED, EvaluationError, Policy, World, compile_modules, from_json, load

MODULE = """\
package p

found := http.send({"method": "get", "url": input.url, "enable_redirect": true}).status_code

told := http.send({"method": "get", "url": input.url, "raise_error": false})

addresses := net.lookup_ip_addr(input.name)
"""
NAMES = [{"name": name} for name in ("http.send", "net.lookup_ip_addr", "assign", "eq")]


def _policy(*hosts: str) -> Policy:
    return compile_modules({"p.rego": MODULE}, capabilities={"builtins": NAMES, "allow_net": list(hosts)})


def _world(asked: list[Any]) -> World:
    def send(request: Any) -> Any:
        asked.append(request)
        return {"status_code": 200}

    def look_up(name: Any) -> Any:
        asked.append(name)
        return ["10.0.0.1"]

    return World(host={"http.send": send, "net.lookup_ip_addr": look_up})


@pytest.mark.parametrize("url", ["http://a.test/x", "http://a.test:8080/x", "https://u:p@a.test"])
def test_a_host_that_is_listed_is_asked_whatever_its_port(url: str) -> None:
    asked: list[Any] = []
    assert _policy("a.test").evaluate("data.p.found", {"url": url}, world=_world(asked)).json() == 200
    assert len(asked) == 1


def test_whoever_is_asked_cannot_lead_to_another_host() -> None:
    asked: list[Any] = []
    _policy("a.test").evaluate("data.p.found", {"url": "http://a.test"}, world=_world(asked))
    assert asked[0]["enable_redirect"] == from_json(False)


@pytest.mark.parametrize("hosts", [(), ("a.test",)])
@pytest.mark.parametrize("url", ["http://b.test/a.test", "http://a.test@b.test", "http://a.test.b.test", "a.test", ""])
def test_a_host_that_is_not_listed_is_never_asked(hosts: tuple[str, ...], url: str) -> None:
    asked: list[Any] = []
    for policy in (_policy(*hosts), load(_policy(*hosts).dump())):
        found = policy.evaluate("data.p.found", {"url": url}, world=_world(asked))
        assert found.value is UNDEFINED
        assert [each.message.partition(":")[2].partition(":")[0] for each in found.failures] == [" disallowed host"]
        with pytest.raises(EvaluationError, match=r"http\.send: disallowed host"):
            policy.evaluate("data.p.found", {"url": url}, world=_world(asked), strict_builtin_errors=True)
    assert asked == []


def test_a_request_that_wants_to_be_told_is_told() -> None:
    found = _policy().evaluate("data.p.told", {"url": "http://b.test"}, world=_world([])).json()
    error = {"code": "eval_http_send_internal_error", "message": "disallowed host: b.test"}
    assert found == {"status_code": 0, "error": error}


def test_a_name_is_looked_up_only_if_it_is_listed() -> None:
    asked: list[Any] = []
    policy = _policy("a.test")
    assert policy.evaluate("data.p.addresses", {"name": "a.test"}, world=_world(asked)).json() == ["10.0.0.1"]
    for name in ("b.test", "127.0.0.1"):
        with pytest.raises(EvaluationError, match=rf"net\.lookup_ip_addr: disallowed host: {name}"):
            policy.evaluate("data.p.addresses", {"name": name}, world=_world(asked), strict_builtin_errors=True)
    assert asked == ["a.test"]


def test_without_a_list_any_host_may_be_asked() -> None:
    policy = compile_modules({"p.rego": MODULE}, capabilities={"builtins": NAMES})
    assert policy.evaluate("data.p.found", {"url": "http://b.test"}, world=_world([])).json() == 200


def test_a_list_of_another_form_is_refused() -> None:
    with pytest.raises(Malformed, match="expected a list of names"):
        compile_modules({}, capabilities={"allow_net": "a.test"})
