"""Owns what rules may ask of the network where the caller lets them: a request of HTTP, the addresses of a name.

OPA's answer to ``http.send`` has the status, the headers, the body and its text; timeouts and TLS are those of its
request. Caching and retries are not offered: each request is sent.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from typing import Any

from graven.rego import BuiltinError, Value, from_json, to_json
from graven.rego.values import RegoSet

__all__ = ["NETWORK"]


def _addresses(name: Value) -> Value:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BuiltinError(f"lookup {name}: no such host") from None
    return RegoSet(str(entry[4][0]) for entry in found)


def _send(request: Value) -> Value:
    import httpx

    asked: dict[str, Any] = to_json(request)
    body = asked.get("raw_body") or (json.dumps(asked["body"]) if "body" in asked else None)
    try:
        answer = httpx.request(
            str(asked["method"]).upper(),
            str(asked["url"]),
            headers=asked.get("headers"),
            content=body,
            follow_redirects=bool(asked.get("enable_redirect")),
            verify=not asked.get("tls_insecure_skip_verify"),
            timeout=_seconds(asked.get("timeout")),
        )
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as e:
        if asked.get("raise_error", True):
            raise BuiltinError(f"{asked['method']} {asked['url']}: {e}") from None
        return from_json({"status_code": 0, "error": {"code": "eval_http_send_network_error", "message": str(e)}})
    return from_json(_told(answer, forced=bool(asked.get("force_json_decode"))))


def _told(answer: Any, *, forced: bool) -> dict[str, Any]:
    is_json = forced or "application/json" in answer.headers.get("content-type", "")
    try:
        body = json.loads(answer.content) if is_json else None
    except ValueError:
        body = None
    headers = {name: answer.headers.get_list(name) for name in answer.headers}
    status = f"{answer.status_code} {answer.reason_phrase}"
    told = {"status": status, "status_code": answer.status_code, "body": body, "raw_body": answer.text}
    return {**told, "headers": headers}


def _seconds(timeout: Any) -> float:
    if isinstance(timeout, str):
        from graven.rego.builtins import find

        parse = find("time.parse_duration_ns")
        return float(parse.call(timeout)) / 1e9 if parse is not None else 5.0
    return float(timeout) / 1e9 if timeout else 5.0


NETWORK: Mapping[str, Callable[..., Value]] = {"http.send": _send, "net.lookup_ip_addr": _addresses}
"""For ``World(host=…)``."""
