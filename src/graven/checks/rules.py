"""Owns which rules are asked: their namespaces, and the names that ``graven test`` and conftest look for; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from graven.checks.results import Place, RuleId
from graven.record import Record
from graven.rego import RuleInfo, to_json

__all__ = ["Check", "Rules", "chosen", "rule_id"]

_FAILURES = ("deny", "violation")
_WARNING = "warn"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Check(Record):
    """The rules of one name in one namespace: what they say is asked for together."""

    namespace: str
    name: str
    definitions: tuple[RuleInfo, ...]

    @property
    def query(self) -> str:
        """The document that they make."""
        return f"data.{self.namespace}.{self.name}"

    def is_set(self, info: RuleInfo) -> bool:
        """Say whether a definition makes the document a set, which is never undefined."""
        return info.kind == "set" and info.path == self.query

    @property
    def warns(self) -> bool:
        """Say whether what they say is a warning only."""
        return self.name.partition("_")[0] == _WARNING

    @property
    def suffix(self) -> str:
        """What an exception names: ``deny_root`` is ``root``, and ``deny`` is empty."""
        return self.name.partition("_")[2]

    @property
    def exception(self) -> str:
        """The query for exceptions, as conftest words it."""
        return f'data.{self.namespace}.exception[_][_] == "{self.suffix}"'


class Rules:
    """The rules of a policy by namespace."""

    def __init__(self, infos: Iterable[RuleInfo]) -> None:
        self.namespaces: dict[str, dict[str, list[RuleInfo]]] = {}
        for info in infos:
            names = self.namespaces.setdefault(info.package, {})
            if info.kind != "function":
                names.setdefault(_head(info), []).append(info)

    def checks(self, namespace: str) -> tuple[Check, ...]:
        """Give what is asked in a namespace, in the order of files and rows."""
        found = self.namespaces.get(namespace, {})
        return tuple(Check(namespace, name, tuple(infos)) for name, infos in found.items() if _asked(name))

    def exceptions(self, namespace: str) -> str:
        """Give the document with a namespace's exceptions; empty if it makes none."""
        return f"data.{namespace}.exception" if "exception" in self.namespaces.get(namespace, {}) else ""


def _head(info: RuleInfo) -> str:
    """Give the first step of a rule's name behind its package."""
    rest = info.path.removeprefix(f"data.{info.package}.")
    found = _NAME.match(rest)
    return found.group() if found else rest


def _asked(name: str) -> bool:
    """Say whether a name is ``deny``, ``violation`` or ``warn``, or has words of letters and digits behind it."""
    first, *words = name.split("_")
    return first in (*_FAILURES, _WARNING) and all(word.isascii() and word.isalnum() for word in words)


def chosen(rules: Rules, patterns: Sequence[str], *, every: bool = False) -> tuple[str, ...]:
    """Choose namespaces: those that are named, globs among them, or all; without any, ``main`` if it is there.

    >>> chosen(Rules(()), ["main"])
    ('main',)
    """
    there = tuple(rules.namespaces)
    if every or (not patterns and "main" not in there):
        return tuple(name for name in there if rules.checks(name))
    found: list[str] = []
    for pattern in patterns or ("main",):
        glob = any(letter in pattern for letter in "*?[")
        exact = pattern in there or not glob
        found += [pattern] if exact else [name for name in there if fnmatchcase(name, pattern)]
    return tuple(dict.fromkeys(found))


def rule_id(check: Check, info: RuleInfo) -> RuleId:
    """Give the identity of a rule: what its metadata says, or else its path and its place among those of that path."""
    told = _told(info)
    custom = told.get("custom")
    custom = custom if isinstance(custom, dict) else {}
    own = f"{check.namespace}.{check.name}"
    at = check.definitions.index(info) + 1 if info in check.definitions else 1
    path = own if len(check.definitions) == 1 else f"{own}/{at}"
    links = told.get("related_resources")
    link = links[0] if isinstance(links, list) and links else {}
    return RuleId(
        path=check.query,
        id=_text(custom.get("id")) or _text(told.get("id")) or path,
        title=_text(told.get("title")),
        description=_text(told.get("description")),
        severity=_text(custom.get("severity")),
        remediation=_text(custom.get("remediation") or custom.get("solution")),
        help_uri=_text(link.get("ref") if isinstance(link, dict) else link),
        place=Place(info.file, info.row, 1),
    )


def _told(info: RuleInfo) -> Mapping[str, object]:
    """Give what metadata says of a rule: of its document, then of itself."""
    return {str(key): to_json(value) for told in (info.document, info.annotations) for key, value in told.items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
