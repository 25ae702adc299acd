"""Owns how conftest asks rules about a document and counts what they say, its laxness included; pure.

The one place where a value that is no message is dropped, an exception silences a whole name, an undefined message
passes, and of two names that differ in case only one is asked. ``evaluation`` is how graven asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from graven.checks.results import CheckResult, Place, Result
from graven.errors import GravenError, Malformed
from graven.rego import UNDEFINED, Answer, Policy, RuleInfo, Value, World, from_json, to_json
from graven.rego.notation import json_text
from graven.rego.values import RegoObject, RegoSet

__all__ = ["LaxFault", "Laxly", "combined", "matching", "namespaces"]

_FAILURE = re.compile(r"(deny|violation)(_[a-zA-Z0-9]+)*")
_WARNING = re.compile(r"warn(_[a-zA-Z0-9]+)*")
_STEP = re.compile(r'\.\w+|\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]')
_GIVEN = "given"


class LaxFault(Malformed):
    """An error in conftest's words."""

    code = 1
    """The exit code that it becomes."""


class _Answered(NamedTuple):
    value: Value
    prints: tuple[str, ...]
    steps: tuple[str, ...]


class Laxly(NamedTuple):
    """A policy and how it is asked."""

    policy: Policy
    rules: Sequence[RuleInfo]
    world: World
    now_ns: int
    file_info: Callable[[str], Mapping[str, str]] | None = None
    """Gives ``data.conftest.file`` for a path; None where no rule reads it."""
    show_builtin_errors: bool = False
    trace: Callable[..., tuple[str, ...]] | None = None
    """Tells how a query is evaluated, and holds its value against the answer."""

    def check(self, path: str, config: Any, namespace: str) -> CheckResult:
        """Ask the rules of a namespace about a file; a list is one document after the other.

        Raises:
            LaxFault: a rule raised, or said an object without a message.
        """
        subjects = config if isinstance(config, list) else [config]
        found = [self._check(path, subject, namespace) for subject in subjects]
        return _joined(CheckResult(path, namespace), found)

    def check_whole(self, path: str, config: Any, namespace: str) -> CheckResult:
        """Ask the rules of a namespace about a document, a list too.

        Raises:
            LaxFault: as ``check``.
        """
        return self._check(path, config, namespace)

    def _check(self, path: str, config: Any, namespace: str) -> CheckResult:
        names = [info.name for info in self.rules if _counts(info, namespace)]
        asked = list({name.lower(): name for name in reversed(names)}.values())[::-1]
        document = from_json(config)
        file = self.file_info(path) if self.file_info is not None else None
        found = [self._rule(name, namespace, document, file) for name in asked]
        whole = _joined(CheckResult(path, namespace), found)
        spoken = sum(map(len, (whole.failures, whole.warnings, whole.exceptions))) + whole.successes
        return whole._replace(successes=whole.successes + max(0, len(names) - spoken))

    def _rule(self, name: str, namespace: str, document: Value, file: Mapping[str, str] | None) -> CheckResult:
        excepting = f'data.{namespace}.exception[_][_] == "{_suffix(name)}"'
        first = self._ask("query exception", f"data.{namespace}.exception", document, file, shown=excepting)
        exceptions = tuple(Result(excepting) for found in _second(first.value) if found == _suffix(name))
        query = f"data.{namespace}.{name}"
        second = self._ask("query rule", query, document, file)
        results = _results(second.value, query)
        spoken = [] if exceptions else [one for one in results if one.message]
        warns = _WARNING.fullmatch(name) is not None
        return CheckResult(
            "",
            namespace,
            0 if exceptions else len(results) - len(spoken),
            warnings=tuple(spoken) if warns else (),
            failures=() if warns else tuple(spoken),
            exceptions=exceptions,
            queries=((excepting, (Result(""),) * len(exceptions), first.steps), (query, tuple(results), second.steps)),
            prints=(*first.prints, *second.prints),
        )

    def _ask(
        self, what: str, query: str, document: Value, file: Mapping[str, str] | None, *, shown: str = ""
    ) -> _Answered:
        asked = query if file is None else f"{_GIVEN} = {query} with data.conftest.file as {_object(file)}"
        try:
            answer = self.policy.evaluate(asked, document, now_ns=self.now_ns, world=self.world)
        except GravenError as e:
            raise LaxFault(f"{what}: evaluating policy: {e.message}") from None
        if self.show_builtin_errors and answer.failures:
            told = " ".join(
                f"{{Code:{each.code} Message:{each.message} Location:{each.file}:{each.row} StackTrace: err:0x0}}"
                for each in answer.failures
            )
            raise LaxFault(f"{what}: built-in error: [{told}]")
        value = answer.value if file is None else answer.bindings[0][_GIVEN] if answer.bindings else UNDEFINED
        steps = self._steps(what, (shown or query, document, file, answer._replace(value=value)), same=not shown)
        return _Answered(value, _prints(answer), steps)

    def _steps(
        self, what: str, asked: tuple[str, Value, Mapping[str, str] | None, Answer], *, same: bool
    ) -> tuple[str, ...]:
        if self.trace is None:
            return ()
        try:
            return self.trace(*asked, same=same)
        except GravenError as e:
            raise LaxFault(f"{what}: tracing policy: {e.message}") from None


def namespaces(rules: Iterable[str]) -> tuple[str, ...]:
    """Give packages as conftest names them, each once regardless of case.

    >>> namespaces(["main", "Main", 'a["foo-bar"]'])
    ('main', 'a["foo-bar"]')
    """
    found: dict[str, str] = {}
    for name in rules:
        found.setdefault(name.lower(), name)
    return tuple(found.values())


def matching(available: Sequence[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """Give the namespaces that are asked: those named, or if any pattern has a wildcard those that match one.

    >>> matching(["main", "main.gke"], ["main.*"]), matching(["main"], ["other"])
    (('main.gke',), ('other',))
    """
    if not any(set(pattern) & set("*?[") for pattern in patterns):
        return tuple(patterns)
    found = [re.compile(_pattern(pattern)) for pattern in patterns]
    return tuple(name for name in available if any(each.fullmatch(name) for each in found))


def combined(configs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give all files as one document; each part of a list stands for itself.

    >>> combined({"b": 1, "a": [2, 3]})
    [{'contents': 2, 'path': 'a'}, {'contents': 3, 'path': 'a'}, {'contents': 1, 'path': 'b'}]
    """
    return [
        {"contents": content, "path": path}
        for path, config in sorted(configs.items())
        for content in (config if isinstance(config, list) else [config])
    ]


def _object(file: Mapping[str, str]) -> str:
    return json_text(from_json(dict(file)))


def _joined(whole: CheckResult, parts: Sequence[CheckResult]) -> CheckResult:
    return whole._replace(
        successes=sum(part.successes for part in parts),
        warnings=tuple(one for part in parts for one in part.warnings),
        failures=tuple(one for part in parts for one in part.failures),
        exceptions=tuple(one for part in parts for one in part.exceptions),
        queries=tuple(one for part in parts for one in part.queries),
        prints=tuple(one for part in parts for one in part.prints),
    )


def _counts(info: RuleInfo, namespace: str) -> bool:
    """Say whether OPA gives a rule a plain name: its head has one step, or two and a value."""
    if info.package != namespace or not (_FAILURE.fullmatch(info.name) or _WARNING.fullmatch(info.name)):
        return False
    steps = len(_STEP.findall(info.path.removeprefix(f"data.{info.package}.{info.name}")))
    return steps == 0 or (steps == 1 and info.kind != "set")


def _suffix(name: str) -> str:
    if name in ("violation", "deny", "warn"):
        return ""
    for prefix in ("violation_", "deny_", "warn_"):
        name = name.removeprefix(prefix)
    return name


def _members(value: Value) -> Iterable[Value]:
    if value.__class__ is RegoObject:
        return tuple(value.values())
    return tuple(value) if value.__class__ in (tuple, RegoSet) else ()


def _second(value: Value) -> Iterable[Value]:
    return [inner for outer in _members(value) for inner in _members(outer)]


def _results(value: Value, query: str) -> list[Result]:
    if value is UNDEFINED:
        return []
    members = to_json(value) if value.__class__ in (tuple, RegoSet) else []
    if not members:
        return [Result("")]
    told = [_result(member, query) for member in members if isinstance(member, (str, dict))]
    return [one for one in told if one is not None]


def _result(member: Any, query: str) -> Result:
    if isinstance(member, str):
        return Result(member, {"query": query})
    message = member.get("msg")
    if not isinstance(message, str):
        raise LaxFault('query rule: new result: "msg" field must be present and a string')
    metadata = {key: value for key, value in member.items() if key not in ("msg", "_loc")} | {"query": query}
    return Result(message, metadata, _loc(member.get("_loc")))


def _loc(value: Any) -> Place | None:
    if not isinstance(value, dict):
        return None
    file, line = value.get("file"), value.get("line")
    file = file if isinstance(file, str) else ""
    line = line if isinstance(line, (int, float)) and not isinstance(line, bool) else 0
    return Place(file, line) if file or line else None  # type: ignore[arg-type] # as conftest: a half line too


def _prints(answer: Answer) -> tuple[str, ...]:
    return tuple(f"{each.file}:{each.row}: {each.text}" for each in getattr(answer, "prints", ()))


def _pattern(glob: str) -> str:
    """Turn a pattern of Go's ``path.Match`` into a regular expression."""
    text, at = "", 0
    while at < len(glob):
        char = glob[at]
        if char == "[":
            end = glob.find("]", at + 2)
            if end < 0:
                raise LaxFault(f'filter namespaces: match pattern "{glob}": syntax error in pattern')
            text += "[" + glob[at + 1 : end].replace("\\", "\\\\") + "]"
            at = end
        else:
            text += {"*": "[^/]*", "?": "[^/]"}.get(char) or re.escape(char)
        at += 1
    return text
