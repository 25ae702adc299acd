"""Composes ``graven test``: files and policies from the disk, rules asked about them, one outcome.

What is imported here counts: a run on a small file is a matter of some 60 milliseconds in all.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence

from graven.app.loading import Loaded, load
from graven.checks.evaluation import Asking, judge
from graven.checks.outcome import Outcome, Problem, tests
from graven.checks.paths import unread
from graven.checks.results import CheckResult, told_once
from graven.checks.rules import Rules, chosen
from graven.checks.subjects import Item, combined
from graven.checks.views import Reading, wanted
from graven.engines import inputs, paths
from graven.engines.compiled import compiled
from graven.engines.ownbuiltins import artifact_builtins, conftest_builtins
from graven.engines.policydirs import DATA, load_data, load_policies
from graven.errors import Malformed, NotFound
from graven.record import TYPE_CHECKING, Record
from graven.rego import Limits, World

if TYPE_CHECKING:
    from graven.checks.explaining import Explainer
    from graven.checks.waivers import Waivers
    from graven.engines.policydirs import Remote
    from graven.rego import Policy
    from graven.rego.policy import Version

    Judged = tuple[list[CheckResult], list[Problem]]

__all__ = ["Settings", "run"]


_READS_FILE = r"conftest|\bdata\b(?!\s*\.)"


class Settings(Record):
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
    proto_file_dirs: tuple[str, ...] = ()
    inline_waivers: bool = True
    """Let comments of the tested files waive what stands there."""
    waivers: str = ""
    """A file of waivers; empty: ``graven.waivers.toml``, if it is there."""
    baseline: str = ""
    write_baseline: str = ""
    explain: bool = False
    steps: int = 0
    """So many steps may one evaluation take; 0: as many as it may without a word."""
    rule_steps: int = 0
    """So many may each rule take; 0: no less than the whole."""
    remote: Remote | None = None
    """Reads policies and data at ``oci://`` references."""
    engine: str = "graven"
    """Who answers: graven, or opa."""
    cross_check: bool = False
    """Let both answer, and decide nothing on which they differ."""


def run(settings: Settings) -> Outcome:
    """Test the files.

    Raises:
        NotFound: a file, a folder or every policy is missing.
        PolicyErrors: what is wrong with the policies.
    """
    found = inputs.find(settings.paths, ignore=settings.ignore, parser=settings.parser, charts=not settings.parser)
    modules = _modules(settings)
    policy = _policy(settings, modules)
    rules = Rules(policy.rules())
    reading = Reading(settings.view)
    namespaces = chosen(rules, settings.namespaces, every=settings.all_namespaces)
    asks = [check for name in namespaces for check in rules.checks(name)]
    infos = [info for check in asks for info in check.definitions]
    loaded = load(
        found,
        parser=settings.parser,
        stdin_filename=settings.stdin_filename,
        views=wanted(infos, reading),
        protos=inputs.protos(settings.proto_file_dirs) if settings.proto_file_dirs else None,
    )
    moment = time.time_ns()
    waivers = _waivers(settings, loaded, moment)
    world = World(entropy=os.urandom, runtime={"env": dict(os.environ), "version": "", "commit": ""})
    explainer = _explainer(world, moment) if settings.explain else None
    asking = Asking(
        policy,
        rules,
        reading,
        now_ns=moment,
        world=world,
        limits=_limits(settings),
        places=settings.places,
        waivers=waivers,
        explainer=explainer,
        trace=_tracing(policy, world, moment) if settings.trace else None,
        file_info=_file_info if any(re.search(_READS_FILE, text) for text in modules.values()) else None,
    )
    asked = [combined(loaded.items)] if settings.combine else loaded.items
    results, problems = _answered(settings, asking, modules, lambda it: _judged(it, asked, namespaces, loaded.problems))
    results = list(told_once(results))
    problems += _too_few(settings, tests(results))
    stopping = tuple(each for each in problems if each.kind not in settings.allow)
    notes = [f"namespaces: {', '.join(namespaces)}", *loaded.notes, *unread(asks, asked, reading)]
    notes += waivers.notes() if waivers else ()
    explained = tuple(explainer.found) if explainer is not None else ()
    return _settled(settings, Outcome(tuple(results), stopping, tuple(notes), explained))


def _answered(
    settings: Settings, asking: Asking, modules: Mapping[str, str], judged: Callable[[Asking], Judged]
) -> Judged:
    """Judge by the engine that is asked for, or by both."""
    if settings.engine == "graven" and not settings.cross_check:
        return judged(asking)
    from graven.app.secondengine import consulted

    with consulted(
        asking.policy,
        modules,
        version=settings.rego_version,
        reads_file=asking.file_info is not None,
        compared=settings.cross_check,
    ) as other:
        return judged(asking._replace(other=other))


def _limits(settings: Settings) -> Limits:
    return Limits(steps=settings.steps or Limits().steps, rule_steps=settings.rule_steps)


def _explainer(world: World, moment: int) -> Explainer:
    from graven.checks.explaining import Explainer

    return Explainer(moment, world)


def _tracing(policy: Policy, world: World, moment: int) -> Callable[..., tuple[str, ...]]:
    from graven.checks.tracing import Tracing

    return Tracing(policy, world, moment).steps


def _file_info(name: str) -> dict[str, str]:
    from pathlib import Path

    path = Path(name).absolute()
    return {"name": path.name, "dir": str(path.parent)}


def _waivers(settings: Settings, loaded: Loaded, moment: int) -> Waivers | None:
    """Read the waivers that there are."""
    file = settings.waivers or ("graven.waivers.toml" if paths.is_file("graven.waivers.toml") else "")
    waiving = loaded.waiving if settings.inline_waivers else {}
    if not file and not waiving:
        return None
    from datetime import UTC, datetime

    from graven.checks.waivers import Waivers, inline, parse

    today = datetime.fromtimestamp(moment / 1e9, UTC).date()
    listed = parse(inputs.read(file).decode(errors="replace"), file) if file else ()
    return Waivers(today, listed, {name: inline(text, name) for name, text in waiving.items()})


def _settled(settings: Settings, outcome: Outcome) -> Outcome:
    """Give findings their fingerprints, and let pass what the baseline knows."""
    results = outcome.results
    asked = settings.baseline or settings.write_baseline
    if not asked and not any(each.failures or each.warnings for each in results):
        return outcome
    from pathlib import Path

    from graven.checks import baseline
    from graven.checks.fingerprints import fingerprinted

    results, notes = fingerprinted(results), outcome.notes
    if settings.write_baseline:
        Path(settings.write_baseline).write_text(baseline.render(results))
    file = settings.baseline or settings.write_baseline
    if file:
        results, gone = baseline.apply(results, baseline.parse(inputs.read(file), file), file)
        notes = (*notes, *gone)
    return outcome._replace(results=results, notes=notes)


def _judged(asking: Asking, items: Sequence[Item], namespaces: Sequence[str], before: Sequence[Problem]) -> Judged:
    results, problems = [], list(before)
    for namespace in namespaces:
        if not asking.rules.checks(namespace):
            problems.append(_no_rules(namespace, asking.rules))
        for item in items:
            result, more = judge(asking, item, namespace)
            results.append(result)
            problems += more
    return results, problems


def _modules(settings: Settings) -> dict[str, str]:
    missing = [path for path in settings.policy if ":" not in path and not paths.exists(path)]
    if missing:
        hint = "name a file or folder with --policy, or rules that ship with graven: --policy graven://kubernetes"
        raise NotFound("there are no policies", where=missing[0], hint=hint)
    return load_policies(settings.policy, remote=settings.remote)


def _policy(settings: Settings, modules: Mapping[str, str]) -> Policy:
    data = _data(settings) if settings.data else None
    return compiled(
        modules,
        data=data,
        builtins=(*conftest_builtins(modules), *artifact_builtins(modules)),
        version=settings.rego_version,
        strict=settings.strict,
        prints=any("print" in text for text in modules.values()),
        capabilities=_capabilities(settings.capabilities),
    )


def _data(settings: Settings) -> dict[str, object]:
    """Read the data; a file that is named and holds none, which conftest passes over, is an error."""
    unread = [path for path in settings.data if paths.is_file(path) and not path.endswith(DATA)]
    if unread:
        raise Malformed(f"no file of data: expected one of {', '.join(DATA)}", where=unread[0], hint="see --data")
    return load_data(settings.data, remote=settings.remote)


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
