"""Package URLs (ECMA-427) for rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graven.errors import Malformed
from graven.rego import BuiltinError, Value, from_json
from graven.values import Purl

__all__ = ["BUILTINS", "CALLS", "purl"]

BUILTINS = (
    "graven.purl.parse: string -> object[string: any]",
    "graven.purl.is_valid: any -> boolean",
    "graven.purl.package: string -> string",
)


def purl(text: str) -> Purl:
    """Read a package URL as a builtin does.

    Raises:
        BuiltinError: it is none.
    """
    try:
        return Purl.parse(text)
    except Malformed as e:
        raise BuiltinError(e.message) from e


def _parse(text: str) -> Value:
    found = purl(text)
    return from_json(
        {
            "type": found.type,
            "namespace": found.namespace,
            "name": found.name,
            "version": found.version,
            "qualifiers": dict(found.qualifiers),
            "subpath": found.subpath,
        }
    )


def _is_valid(text: Any) -> bool:
    try:
        Purl.parse(text if isinstance(text, str) else "")
    except Malformed:
        return False
    return True


def _package(text: str) -> str:
    return str(purl(text).without_version)


CALLS: dict[str, Callable[..., Value]] = {
    "graven.purl.parse": _parse,
    "graven.purl.is_valid": _is_valid,
    "graven.purl.package": _package,
}
