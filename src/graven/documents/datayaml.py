"""Owns YAML as OPA reads data and inputs: ``yes``, ``no``, ``on`` and ``off`` are texts, numbers are exact.

``documents.yaml`` reads what is tested, as Kubernetes' tools do, for which these words are booleans.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from graven.errors import Malformed

__all__ = ["read"]

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]
    """Reads scalars by the core schema, nearly."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own attribute


def _resolve(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


_resolve("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF")
_resolve("null", r"(?:~|null|Null|NULL|)\Z", "~nN\0")
_resolve("int", r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)\Z", "-+0123456789")
_resolve("float", r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?\Z", "-+0123456789.")
_resolve("merge", r"<<\Z", "<")


def _number(loader: Any, node: Any) -> Any:
    from graven.rego.numerals import parse_number

    text = str(loader.construct_scalar(node)).replace("_", "").lstrip("+")
    try:
        return parse_number(format(Decimal(text), "f") if "e" not in text.lower() else str(Decimal(text)))
    except (InvalidOperation, ValueError):
        return text


_Loader.add_constructor("tag:yaml.org,2002:float", _number)


def read(content: bytes, file: str) -> Any:
    """Give the first document.

    Raises:
        Malformed: it is no YAML, or has a key that JSON has not.
    """
    try:
        loader = _Loader(content)
        try:
            return _plain(loader.get_data() if loader.check_data() else None)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        deep = isinstance(e, RecursionError)
        problem = "nested too deep" if deep else " ".join(str(e).split())[:300]
        raise Malformed(f"error converting YAML to JSON: yaml: {problem}", where=file) from e


def _plain(value: Any) -> Any:
    """Give keys their text, and refuse what JSON has not."""
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, int, float, Decimal)):
        return value
    raise ValueError(f"got a {type(value).__name__}, expected what JSON can say")


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    if key is None:
        return "null"
    if isinstance(key, (str, int, float, Decimal)):
        return str(key)
    raise ValueError("got a key that is no scalar")
