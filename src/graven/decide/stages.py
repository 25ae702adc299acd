"""Owns the stages document: the steps on the way to production, in order, with the gate of each.

    stages:
      - name: dev
        rules: {signed: warn}            # each enforce, warn or off; a rule that is not named is enforced
        parameters: {severity: critical} # what the rules read as data.parameters
        clusters: [dev-1]                # that admit what this stage holds
        grace: 1h                        # how long the digest before is still admitted
        valid-for: 30d                   # how long a promotion's verification summary holds

Only what is said here is read; a key that is not known is an error with its line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from graven.decide.policy import Mode, PolicySet, mode
from graven.documents import Document
from graven.errors import GravenError, Malformed, NotFound
from graven.values import canonical, stage_name

__all__ = ["Stage", "Stages", "parse"]

_KEYS = ("name", "rules", "parameters", "clusters", "grace", "valid-for")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhd])|0")
_CLUSTER = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_DEFAULT_GRACE = 3600
_DEFAULT_VALID_FOR = 90 * 86_400
_MAX_STAGES = 50

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A named step on the way to production, with its gate."""

    name: str
    rules: tuple[tuple[str, Mode], ...] = ()
    """Modes of rules, sorted by rule."""
    parameters: bytes = b"{}"
    """Canonical JSON."""
    clusters: tuple[str, ...] = ()
    grace: int = _DEFAULT_GRACE
    """Seconds for which the digest that a promotion replaced is still admitted."""
    valid_for: int = _DEFAULT_VALID_FOR
    """Seconds for which a verification summary holds."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages in their order."""

    stages: tuple[Stage, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names in order."""
        return tuple(stage.name for stage in self.stages)

    def get(self, name: str) -> Stage:
        """Give a stage.

        Raises:
            NotFound: there is none of that name.
        """
        found = next((stage for stage in self.stages if stage.name == name), None)
        if found is None:
            hint = "'graven stages' shows what is where"
            raise NotFound(f"no stage {name!r}, expected one of {', '.join(self.names)}", where="stage", hint=hint)
        return found

    def before(self, name: str) -> str:
        """Name the stage before one; empty for the first.

        >>> Stages((Stage("dev"), Stage("test"))).before("test")
        'dev'
        """
        index = self.names.index(self.get(name).name)
        return self.names[index - 1] if index else ""

    def of_cluster(self, cluster: str) -> Stage | None:
        """Give the stage that a cluster runs, if any names it."""
        return next((stage for stage in self.stages if cluster in stage.clusters), None)

    def govern(self, policy: PolicySet) -> PolicySet:
        """Give the policy set with the gates of these stages.

        Raises:
            Malformed: a gate names a rule or a parameter that the set does not have.
        """
        modes = {stage.name: dict(stage.rules) for stage in self.stages}
        return policy.with_gates(modes, {stage.name: canonical.loads(stage.parameters) for stage in self.stages})

    def value(self) -> dict[str, Any]:
        """Give the JSON form, which ``parse`` reads again."""
        return {
            "stages": [
                {
                    "name": stage.name,
                    "rules": dict(stage.rules),
                    "parameters": canonical.loads(stage.parameters),
                    "clusters": list(stage.clusters),
                    "grace": f"{stage.grace}s" if stage.grace else "0",
                    "valid-for": f"{stage.valid_for}s",
                }
                for stage in self.stages
            ]
        }


def parse(document: Document, policy: PolicySet | None = None) -> Stages:
    """Read the stages document; with a policy set, check that the gates name rules and parameters that it has.

    Raises:
        Malformed: something in it is not as it should be; says line and column.
    """
    reader = _Reader(document, policy)
    found = reader.object(document.value, (), ("stages",)).get("stages")
    if not isinstance(found, list) or not 0 < len(found) <= _MAX_STAGES:
        reader.fail(("stages",), f"got no list of 1 to {_MAX_STAGES} stages")
    stages = tuple(reader.stage(value, ("stages", index)) for index, value in enumerate(found))
    reader.distinct([(stage.name, ("stages", i, "name")) for i, stage in enumerate(stages)], "stage")
    clusters = [(name, ("stages", i, "clusters", k)) for i, s in enumerate(stages) for k, name in enumerate(s.clusters)]
    reader.distinct(clusters, "cluster")
    return Stages(stages)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the parts of one document and names their places."""

    document: Document
    policy: PolicySet | None

    def fail(self, path: Path, message: str, hint: str = "") -> NoReturn:
        raise Malformed(message, where=self.document.where(path), hint=hint)

    def object(self, value: Any, path: Path, keys: Collection[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.fail(path, f"got {_kind(value)}, expected an object with {', '.join(keys)}")
        for key in value:
            if key not in keys:
                self.fail((*path, key), f"got the key {key!r}, expected one of {', '.join(keys)}")
        return value

    def stage(self, value: Any, path: Path) -> Stage:
        found = self.object(value, path, _KEYS)
        if "name" not in found:
            self.fail(path, "got a stage without a name")
        return Stage(
            name=self._name(found["name"], (*path, "name")),
            rules=self._rules(found.get("rules") or {}, (*path, "rules")),
            parameters=self._parameters(found.get("parameters") or {}, (*path, "parameters")),
            clusters=tuple(self._clusters(found.get("clusters") or [], (*path, "clusters"))),
            grace=self._seconds(found.get("grace", f"{_DEFAULT_GRACE}s"), (*path, "grace"), least=0),
            valid_for=self._seconds(found.get("valid-for", f"{_DEFAULT_VALID_FOR}s"), (*path, "valid-for"), least=1),
        )

    def distinct(self, names: Sequence[tuple[str, Path]], noun: str) -> None:
        seen: set[str] = set()
        for name, path in names:
            if name in seen:
                self.fail(path, f"the {noun} {name!r} stands twice")
            seen.add(name)

    def _name(self, value: Any, path: Path) -> str:
        try:
            return stage_name(value if isinstance(value, str) else repr(value))
        except GravenError as e:
            self.fail(path, e.message)

    def _rules(self, value: Any, path: Path) -> tuple[tuple[str, Mode], ...]:
        known = None if self.policy is None else tuple(rule.name for rule in self.policy.rules)
        found = self._named(value, path, known, "rule")
        return tuple(sorted((name, self._mode(text, (*path, name))) for name, text in found.items()))

    def _mode(self, value: Any, path: Path) -> Mode:
        try:
            return mode(value)
        except Malformed as e:
            self.fail(path, e.message)

    def _parameters(self, value: Any, path: Path) -> bytes:
        known = None if self.policy is None else tuple(sorted(self.policy.parameters))
        return canonical.dumps(self._named(value, path, known, "parameter"))

    def _named(self, value: Any, path: Path, known: tuple[str, ...] | None, noun: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.fail(path, f"got {_kind(value)}, expected an object: {noun} and setting")
        for name in value:
            if known is not None and name not in known:
                self.fail((*path, name), f"got the {noun} {name!r}, which the policy set does not have", _list(known))
        return value

    def _clusters(self, value: Any, path: Path) -> Iterator[str]:
        if not isinstance(value, list):
            self.fail(path, f"got {_kind(value)}, expected a list of clusters")
        for index, name in enumerate(value):
            if not isinstance(name, str) or not _CLUSTER.fullmatch(name):
                self.fail(
                    (*path, index), f"got {name!r}, expected a cluster's name: lower-case letters, digits, '.', '-'"
                )
            yield name

    def _seconds(self, value: Any, path: Path, *, least: int) -> int:
        match = _DURATION.fullmatch(str(value))
        seconds = int(match[1]) * _UNITS[match[2]] if match and match[1] else 0
        if not match or seconds < least:
            self.fail(path, f"got {value!r}, expected a time such as 90s, 15m, 24h or 30d")
        return seconds


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "a truth value", type(None): "nothing"}
    return kinds.get(type(value), "a number")


def _list(known: tuple[str, ...]) -> str:
    return f"it has {', '.join(known) or 'none'}"
