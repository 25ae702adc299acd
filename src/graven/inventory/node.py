"""Node packages: each ``package.json`` with a name and a version is one (npm, "package.json")."""

from __future__ import annotations

from typing import Any

import orjson

from graven.inventory.control import shown
from graven.inventory.report import Found

__all__ = ["parse"]


def parse(data: bytes, path: str) -> Found | None:
    """Read a ``package.json``; none where it is none, or says no name or no version.

    >>> parse(b'{"name": "@a/b", "version": "1.0.0", "license": "MIT"}', "node_modules/@a/b/package.json").name
    '@a/b'
    """
    try:
        document = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict):
        return None
    name, version = shown(document.get("name")), shown(document.get("version"))
    if not name.strip("/@") or not version:
        return None
    return Found("npm", path, name, version, licence=_licence(document), supplier=_person(document.get("author")))


def _licence(document: dict[str, Any]) -> str:
    told = document.get("license") or document.get("licenses") or ()
    rows = told if isinstance(told, list) else [told]
    names = (row.get("type") or row.get("name") if isinstance(row, dict) else row for row in rows)
    return shown(" OR ".join(sorted({name for each in names if (name := shown(each))})))


def _person(told: object) -> str:
    return shown(told.get("name")) if isinstance(told, dict) else shown(told)
