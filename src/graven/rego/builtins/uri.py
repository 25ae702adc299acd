"""Owns URIs, read and refused as Go's ``net/url`` does."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin
from graven.rego.values import RegoObject, Value, boolean

__all__ = ["BUILTINS"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_USERINFO = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z")
_PORT = re.compile(r"(?::[0-9]*)?\Z")
_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_HOST_REFUSED = re.compile(r"[\x00-\x20\"<>\\^`{|}#/?\x7f]")
_PATH_SAFE = "/$&+,:;=@!'()*~"


def _escapes(text: str) -> None:
    """Refuse a percent sign that begins no escape."""
    bad = _ESCAPE.search(text)
    if bad:
        raise ValueError(f'invalid URL escape "{text[bad.start() : bad.start() + 3]}"')


def _unescaped(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", "replace")


def _scheme(text: str) -> tuple[str, str]:
    head, mark, rest = text.partition(":")
    if not mark or not head or not (head[0].isascii() and head[0].isalpha()):
        if text.startswith(":"):
            raise ValueError("missing protocol scheme")
        return "", text
    return (head.lower(), rest) if _SCHEME.match(head) else ("", text)


def _port(text: str) -> str:
    if not _PORT.match(text):
        raise ValueError(f'invalid port "{text}" after host')
    return text.removeprefix(":")


def _host(text: str) -> tuple[str, str]:
    """Give host and port; in the host only bytes beyond ASCII may be escaped."""
    if text.startswith("["):
        end = text.rfind("]")
        if end < 0:
            raise ValueError("missing ']' in host")
        port = _port(text[end + 1 :])
        inside, mark, zone = text[1:end].partition("%25")
        _host_escapes(inside, allowed="")
        return inside + (f"%{_unescaped(zone)}" if mark else ""), port
    at = text.rfind(":")
    port = _port(text[at:]) if at >= 0 else ""
    name = text[:at] if at >= 0 else text
    _host_escapes(name, allowed="")
    return _unescaped(name), port


def _host_escapes(text: str, *, allowed: str) -> None:
    _escapes(text)
    for match in re.finditer(r"%([0-9a-fA-F]{2})", text):
        if int(match.group(1), 16) < 0x80 and match.group() != allowed:
            raise ValueError(f'invalid URL escape "{match.group()}"')
    bad = _HOST_REFUSED.search(text)
    if bad:
        raise ValueError(f'invalid character "{bad.group()}" in host name')


def _authority(text: str, parts: dict[str, str]) -> None:
    user, mark, host = text.rpartition("@")
    if mark:
        if not _USERINFO.match(user):
            raise ValueError("net/url: invalid userinfo")
        _escapes(user)
        name, colon, password = user.partition(":")
        parts["username"] = _unescaped(name)
        if colon:
            parts["password"] = _unescaped(password)
    parts["hostname"], parts["port"] = _host(host)


def _read(text: str) -> dict[str, str]:
    """Read a URI into its parts.

    Raises:
        ValueError: it is none; the message is Go's.
    """
    if any(ord(char) < 0x20 or char == "\x7f" for char in text):
        raise ValueError("net/url: invalid control character in URL")
    rest, mark, fragment = text.partition("#")
    parts: dict[str, str] = {}
    parts["scheme"], rest = _scheme(rest)
    rest, query_mark, query = rest.partition("?")
    if query_mark:
        parts["raw_query"] = query
    if parts["scheme"] and not rest.startswith("/"):
        parts["opaque"] = rest
        rest = ""
    elif not parts["scheme"] and ":" in rest.partition("/")[0]:
        raise ValueError("first path segment in URL cannot contain colon")
    if rest.startswith("//") and (parts["scheme"] or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        _authority(authority, parts)
        rest = slash + path
    _path(rest, parts)
    if mark:
        _escapes(fragment)
        parts["fragment"] = _unescaped(fragment)
    return parts


def _path(text: str, parts: dict[str, str]) -> None:
    """Keep the path decoded, and as it was written where the usual encoding of the one is not the other."""
    _escapes(text)
    path = _unescaped(text)
    usual = quote(path, safe=_PATH_SAFE)
    strict = quote(path, safe="/$&+,:;=@~")
    parts["path"] = path
    if path:
        parts["raw_path"] = path if text in (usual, strict, path) else text


def _parse(text: str) -> Value:
    try:
        parts = _read(text)
    except ValueError as error:
        raise BuiltinError(f'parse "{text}": {error}') from None
    return RegoObject({key: value for key, value in parts.items() if value})


def _is_valid(text: str) -> Value:
    try:
        return boolean(bool(text) and bool(_read(text)))
    except ValueError:
        return boolean(truth=False)


BUILTINS: tuple[Builtin, ...] = (builtin("uri.parse", _parse), builtin("uri.is_valid", _is_valid))
