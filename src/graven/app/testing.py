"""Composes ``graven test``: files and policies from the disk, rules asked about them, one outcome.

What is imported here counts: a run on a small file is a matter of some 60 milliseconds in all.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graven.checks.evaluation import Asking, judge
from graven.checks.outcome import Outcome, Problem, tests
from graven.checks.rules import Rules, chosen
from graven.checks.subjects import Item, combined, wholes
from graven.checks.views import Reading
from graven.documents import parse
from graven.engines import inputs
from graven.engines.compiled import compiled
from graven.engines.policydirs import load_data, load_policies
from graven.errors import GravenError, Malformed

if TYPE_CHECKING:
    from graven.rego import Policy
    from graven.rego.policy import Version

__all__ = ["Settings", "run"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is tested, by which rules, and how."""

    paths: tuple[str, ...]
    policy: tuple[str, ...] = ("policy",)
    data: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    all_namespaces: bool = False
    combine: bool = False
    parser: str = ""
    ignore: str = ""
    stdin_filename: str = ""
    strict: bool = False
    rego_version: Version = "auto"
    capabilities: str = ""
    view: str = ""
    allow: frozenset[str] = frozenset()
    require_tests: int = 0
    places: bool = True
    trace: bool = False


def run(settings: Settings) -> Outcome:
    """Test the files.

    Raises:
        NotFound: a file, a folder or every policy is missing.
        PolicyErrors: what is wrong with the policies.
    """
    found = inputs.find(settings.paths, ignore=settings.ignore, parser=settings.parser)
    problems: list[Problem] = []
    items = [item for path in found.files if (item := _item(path, settings, problems)) is not None]
    policy = _policy(settings)
    rules = Rules(policy.rules())
    asking = Asking(policy, rules, Reading(settings.view), now_ns=time.time_ns(), places=settings.places)
    namespaces = chosen(rules, settings.namespaces, every=settings.all_namespaces)
    asked = (combined(items),) if settings.combine else tuple(items)
    results = []
    for namespace in namespaces:
        if not rules.checks(namespace):
            problems.append(_no_rules(namespace, rules))
        for item in asked:
            result, more = judge(asking, item, namespace)
            results.append(result)
            problems += more
    problems += _too_few(settings, tests(results))
    stopping = tuple(each for each in problems if each.kind not in settings.allow)
    return Outcome(tuple(results), stopping, tuple(_notes(namespaces, found.skipped)))


def _item(path: str, settings: Settings, problems: list[Problem]) -> Item | None:
    name = settings.stdin_filename if path == inputs.STDIN and settings.stdin_filename else path
    try:
        documents = parse(inputs.read(path), file=name, parser=settings.parser)
    except GravenError as e:
        problems.append(Problem("unreadable", str(e), name))
        return None
    return Item(name, wholes(documents))


def _policy(settings: Settings) -> Policy:
    modules = load_policies(settings.policy)
    data = load_data(settings.data) if settings.data else None
    return compiled(
        modules,
        data=data,
        version=settings.rego_version,
        strict=settings.strict,
        capabilities=_capabilities(settings.capabilities),
    )


def _capabilities(file: str) -> Mapping[str, object] | None:
    if not file:
        return None
    import json

    try:
        found = json.loads(inputs.read(file))
    except ValueError as e:
        raise Malformed(f"no JSON: {e}", where=file) from e
    if not isinstance(found, dict):
        raise Malformed("got no object, expected capabilities as OPA writes them", where=file)
    return found


def _no_rules(namespace: str, rules: Rules) -> Problem:
    there = ", ".join(name for name in rules.namespaces if rules.checks(name)) or "none"
    text = f"no rule to test by lies in the namespace {namespace}; there is: {there}"
    return Problem("namespace", text, hint="name one with --namespace, or take --all-namespaces")


def _too_few(settings: Settings, count: int) -> list[Problem]:
    if not count:
        return [Problem("empty", "no rule was evaluated", hint="see --namespace and --policy")]
    if count < settings.require_tests:
        return [Problem("rule", f"got {count} tests, expected at least {settings.require_tests}")]
    return []


def _notes(namespaces: tuple[str, ...], skipped: list[str]) -> list[str]:
    notes = [f"namespaces: {', '.join(namespaces)}"] if namespaces else []
    if skipped:
        notes.append(f"not tested, for want of a parser: {', '.join(skipped)}")
    return notes
