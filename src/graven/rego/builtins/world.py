"""Owns what asks the world: requests of HTTP by a function of the caller, and what the caller says it runs on."""

from __future__ import annotations

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin
from graven.rego.notation import term_text
from graven.rego.values import EMPTY_OBJECT, FALSE, RegoObject, RegoSet, Value, from_json

__all__ = ["BUILTINS"]

_REQUIRED = ("method", "url")
_ALLOWED = frozenset(
    {
        "method", "url", "body", "enable_redirect", "force_json_decode", "force_yaml_decode", "headers", "raw_body",
        "tls_use_system_certs", "tls_ca_cert", "tls_ca_cert_file", "tls_ca_cert_env_variable", "tls_client_cert",
        "tls_client_cert_file", "tls_client_cert_env_variable", "tls_client_key", "tls_client_key_file",
        "tls_client_key_env_variable", "tls_insecure_skip_verify", "tls_server_name", "timeout", "cache", "force_cache",
        "force_cache_duration_seconds", "raise_error", "caching_mode", "max_retry_attempts", "cache_ignored_headers",
    }
)  # fmt: skip


def _listed(keys: list[str]) -> str:
    return term_text(RegoSet(keys))


def _send(context: Context, request: Value) -> Value:
    missing = [key for key in _REQUIRED if key not in request]
    if missing:
        raise BuiltinError(f"missing required request parameters(s): {_listed(missing)}", "eval_type_error")
    unknown = sorted(str(key) for key in request if key not in _ALLOWED)
    if unknown:
        raise BuiltinError(f"invalid request parameters(s): {_listed(unknown)}", "eval_type_error")
    if context.allow_net is not None:
        refused = _refused(context, request)
        if refused is not None:
            return refused
        request = RegoObject({**request, "enable_redirect": FALSE})  # whoever answers could lead anywhere
    ask = context.host.get("http.send")
    if ask is None:
        raise BuiltinError("no function was given that sends requests", halts=True)
    return from_json(ask(request))


def _refused(context: Context, request: Value) -> Value:
    """Give the answer for a host that may not be asked, or None.

    Raises:
        BuiltinError: the host may not be asked, or is none, and the request does not want to be told.
    """
    try:
        context.allow(_host(str(request["url"])))
    except BuiltinError as e:
        if request.get("raise_error") != FALSE:
            raise
        error = {"code": "eval_http_send_internal_error", "message": e.message}
        return from_json({"status_code": 0, "error": error})
    return None


def _host(url: str) -> str:
    """Give the host of a URL up to its port.

    Raises:
        BuiltinError: it is no URL.
    """
    from urllib.parse import urlsplit

    try:
        place = urlsplit(url).netloc
    except ValueError as e:
        raise BuiltinError(f"parse {term_text(url)}: {e}") from None
    return place.rpartition("@")[2].partition(":")[0]


def _runtime(context: Context) -> Value:
    return context.runtime if context.runtime.__class__ is RegoObject else EMPTY_OBJECT


BUILTINS: tuple[Builtin, ...] = (
    builtin("http.send", _send, contextual=True),
    builtin("opa.runtime", _runtime, contextual=True),
)
