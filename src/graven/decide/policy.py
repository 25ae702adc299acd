"""Owns policy sets: Rego modules, their data, and the entry points that a decision asks; one document by digest.

    {"v": 1, "language": "v1", "modules": {NAME: SOURCE}, "data": {…},
     "rules": [{"name": …, "entries": ["graven.signed.deny", …], "default": "enforce", "modes": {STAGE: MODE}}]}

A rule is what people switch and waive; its entry points are what the engine is asked. A stage that a rule says nothing
about gets its default, which is ``enforce`` where nothing else is said. How an entry point counts depends on its last
word: ``allow`` must be true, ``deny`` and ``violation`` must be empty, ``warn`` is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, cast, get_args

from graven.errors import Malformed
from graven.values import Digest, canonical

__all__ = ["ENDINGS", "LANGUAGES", "MODES", "Language", "Mode", "PolicySet", "Rule", "entry_path", "mode"]

Mode = Literal["enforce", "warn", "off"]
MODES: tuple[Mode, ...] = get_args(Mode)

Language = Literal["auto", "v0", "v1"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
"""Which Rego the modules are written in; ``auto`` tells by what each imports."""

ENDINGS = ("allow", "deny", "violation", "warn")
"""The last word of an entry point says how its value counts."""

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+")
_RULE_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_VERSION = 1
_KEYS = {"v", "language", "modules", "data", "rules"}
_RULE_KEYS = {"name", "entries", "default", "modes"}


def mode(text: Any, where: str = "") -> Mode:
    """Read a mode.

    Raises:
        Malformed: it is none of the three.
    """
    if text not in MODES:
        raise Malformed(f"got the mode {text!r}, expected one of {', '.join(MODES)}", where=where)
    return cast("Mode", text)


def entry_path(text: Any, where: str = "") -> str:
    """Read the path of an entry point, with or without ``data.`` before it.

    >>> entry_path("data.artifact.signing.allow")
    'artifact.signing.allow'

    Raises:
        Malformed: it is no dotted path, or does not end in a word that says how it counts.
    """
    path = text.removeprefix("data.") if isinstance(text, str) else ""
    if not _PATH.fullmatch(path) or path.rpartition(".")[2] not in ENDINGS:
        raise Malformed(
            f"got the entry point {text!r}, expected PACKAGE.RULE with a rule named {', '.join(ENDINGS)}", where=where
        )
    return path


@dataclass(frozen=True, slots=True)
class Rule:
    """What is switched on and off for each stage, told as the reason of a refusal, and waived."""

    name: str
    entries: tuple[str, ...]
    """Paths of the rules that the engine is asked, such as ``graven.signed.deny``."""
    default: Mode = "enforce"
    modes: tuple[tuple[str, Mode], ...] = ()
    """Sorted by stage."""

    def mode(self, stage: str) -> Mode:
        """Say how the rule counts at a stage."""
        return dict(self.modes).get(stage, self.default)


@dataclass(frozen=True)
class PolicySet:
    """All that is needed to turn a question into a verdict, but for waivers."""

    modules: tuple[tuple[str, str], ...]
    """Name and source of each module, sorted by name."""
    rules: tuple[Rule, ...]
    """In the order of their declaration."""
    data: bytes = b"{}"
    """Canonical JSON; what the modules read as ``data``."""
    language: Language = "v1"

    @classmethod
    def make(
        cls,
        modules: Mapping[str, str],
        rules: Iterable[Rule],
        *,
        data: Mapping[str, Any] | None = None,
        language: Language = "v1",
    ) -> PolicySet:
        """Make one of its parts.

        Raises:
            Malformed: two rules of one name, or data that JSON cannot say.
        """
        return cls(tuple(sorted(modules.items())), _distinct(tuple(rules)), canonical.dumps(data or {}), language)

    @classmethod
    def decode(cls, document: bytes) -> PolicySet:
        """Read the document.

        Raises:
            Malformed: it is none; says which part.
        """
        return cls.parse(canonical.loads(document, where="policy set"))

    @classmethod
    def parse(cls, found: Any) -> PolicySet:
        """Read the value of the document.

        Raises:
            Malformed: it is none; says which part.
        """
        _object(found, _KEYS, "policy set")
        if found.get("v") != _VERSION:
            raise Malformed(f"got version {found.get('v')!r} of the policy set, expected {_VERSION}", where="v")
        language, data = found.get("language", "v1"), found.get("data", {})
        if language not in LANGUAGES:
            raise Malformed(f"got the language {language!r}, expected one of {', '.join(LANGUAGES)}", where="language")
        if not isinstance(data, dict):
            raise Malformed("got data that is no object", where="data")
        rules = found.get("rules")
        if not isinstance(rules, list):
            raise Malformed("got no list of rules", where="rules")
        read = (_rule(rule, f"rules[{index}]") for index, rule in enumerate(rules))
        return cls.make(_modules(found.get("modules")), read, data=data, language=language)

    def encode(self) -> bytes:
        """Write the canonical document."""
        rules = [
            {"name": rule.name, "entries": list(rule.entries), "default": rule.default, "modes": dict(rule.modes)}
            for rule in self.rules
        ]
        parts = {"v": _VERSION, "language": self.language, "modules": dict(self.modules), "rules": rules}
        return canonical.dumps({**parts, "data": self.values})

    @cached_property
    def digest(self) -> Digest:
        """The name of the canonical document."""
        return Digest.of(self.encode())

    @property
    def values(self) -> dict[str, Any]:
        """What the modules read as ``data``."""
        found: dict[str, Any] = canonical.loads(self.data)
        return found

    @property
    def parameters(self) -> frozenset[str]:
        """Names that a stage may set: those with a default in ``data.parameters``."""
        found = self.values.get("parameters", {})
        return frozenset(found.get("default", ())) if isinstance(found, dict) else frozenset()

    def with_gates(
        self, modes: Mapping[str, Mapping[str, Mode]], parameters: Mapping[str, Mapping[str, Any]]
    ) -> PolicySet:
        """Give the set with the modes of each rule by stage, and with each stage's parameters in its data.

        Raises:
            Malformed: a rule or a parameter that this set does not have.
        """
        for stage, wanted in modes.items():
            _known(wanted, {rule.name for rule in self.rules}, f"{stage}: rules", "rule")
        for stage, settings in parameters.items():
            _known(settings, self.parameters, f"{stage}: parameters", "parameter")
        rules = (
            replace(
                rule, modes=tuple(sorted((s, wanted[rule.name]) for s, wanted in modes.items() if rule.name in wanted))
            )
            for rule in self.rules
        )
        data = self.values
        if any(parameters.values()):
            data["parameters"] = {**data["parameters"], "stages": {s: dict(p) for s, p in parameters.items() if p}}
        return PolicySet.make(dict(self.modules), rules, data=data, language=self.language)


def _known(names: Iterable[str], known: Iterable[str], where: str, noun: str) -> None:
    known = sorted(known)
    for name in names:
        if name not in known:
            raise Malformed(f"got the {noun} {name!r}, expected one of {', '.join(known) or 'none'}", where=where)


def _distinct(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    names = [rule.name for rule in rules]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Malformed(f"two rules are called {twice!r}", where="rules")
    return rules


def _object(found: Any, keys: set[str], where: str) -> None:
    if not isinstance(found, dict):
        raise Malformed("got something else than an object", where=where)
    unknown = sorted(found.keys() - keys)
    if unknown:
        raise Malformed(f"got the key {unknown[0]!r}, expected only {', '.join(sorted(keys))}", where=where)


def _modules(found: Any) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(source, str) for source in found.values()):
        raise Malformed("got no object of module names and sources", where="modules")
    return found


def _rule(found: Any, where: str) -> Rule:
    _object(found, _RULE_KEYS, where)
    name, entries, modes = found.get("name"), found.get("entries"), found.get("modes", {})
    if not isinstance(name, str) or not _RULE_NAME.fullmatch(name):
        raise Malformed(f"got the name {name!r}, expected lower-case letters, digits and '-'", where=where)
    if not isinstance(entries, list) or not entries:
        raise Malformed("got no entry point, expected at least one", where=f"{where}.entries")
    if not isinstance(modes, dict):
        raise Malformed("got modes that are no object", where=f"{where}.modes")
    read = tuple(sorted((stage, mode(text, f"{where}.modes.{stage}")) for stage, text in modes.items()))
    paths = tuple(entry_path(entry, f"{where}.entries") for entry in entries)
    return Rule(name, paths, mode(found.get("default", "enforce"), f"{where}.default"), read)
