"""Owns the running of tests against mutants: which are noticed, which survive, and what each verdict means.

A mutant is compiled with no more than what its tests need: the modules that its own module and its tests import, in
turn. It is killed by the first test whose answer is another one than without the change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from graven.errors import GravenError, Malformed
from graven.rego.builtins import Builtin
from graven.rego.evaluation import Limits
from graven.rego.faults import BudgetExhausted, PolicyErrors
from graven.rego.mutation.operators import Mutant, mutants
from graven.rego.parse.modules import parse_module
from graven.rego.policy import Policy, compile_modules
from graven.rego.tree import Module, Ref, Scalar, Var
from graven.rego.values import TRUE
from graven.rego.walk import rule_terms

__all__ = ["Survey", "Verdict", "survey"]

Outcome = Literal["killed", "survived", "equivalent", "exhausted", "no policy"]
"""A mutant that takes far more steps than the rule is *exhausted*, which counts as killed; one that does not compile is
*no policy* and counts for nothing."""

_LEAST_STEPS = 100_000
_FACTOR = 20
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    outcome: Outcome
    test: str = ""
    """The test that noticed it."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What became of all mutants."""

    verdicts: tuple[Verdict, ...]
    unlisted: tuple[str, ...] = ()
    """Names on the list of equivalent mutants that no survivor has."""

    def of(self, *outcomes: Outcome) -> tuple[Verdict, ...]:
        """Give those of some outcomes."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome in outcomes)

    @property
    def survivors(self) -> tuple[Verdict, ...]:
        """Those that no test noticed and nobody called equivalent."""
        return self.of("survived")

    @property
    def score(self) -> float:
        """The share of mutants that were noticed, of those that could be; 1 where there are none."""
        noticed, missed = len(self.of("killed", "exhausted")), len(self.survivors)
        return noticed / (noticed + missed) if noticed + missed else 1.0


def survey(
    modules: Mapping[str, str],
    *,
    data: object = None,
    version: str = "auto",
    builtins: Sequence[Builtin] = (),
    equivalent: Collection[str] = (),
    files: Collection[str] | None = None,
    now_ns: int | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> Survey:
    """Make the mutants of the modules that hold no tests, or of some of them, and run the tests against each.

    ``watch`` is told how many mutants are done, of how many.

    Raises:
        PolicyErrors: the modules do not compile as they are.
        Malformed: a test fails as it is.
    """
    parsed = {file: parse_module(file, text, version) for file, text in modules.items()}
    bench = _Bench(modules, parsed, {"data": data, "version": version, "builtins": tuple(builtins)}, now_ns)
    chosen = [file for file in modules if not _tests(parsed[file]) and (files is None or file in files)]
    total = sum(len(mutants(file, modules[file], version)) for file in chosen) if watch else 0
    verdicts = []
    for file in chosen:
        for verdict in bench.verdicts(file, version, frozenset(equivalent)):
            verdicts.append(verdict)
            if watch:
                watch(len(verdicts), total)
    known = {verdict.mutant.id for verdict in verdicts if verdict.outcome == "equivalent"}
    return Survey(tuple(verdicts), tuple(sorted(set(equivalent) - known)) if files is None else ())


def _tests(module: Module) -> list[str]:
    package = ".".join(module.package)
    names = dict.fromkeys(rule.name for rule in module.rules if rule.name.startswith("test_"))
    return [f"{package if package.startswith('data') else 'data.' + package}.{name}" for name in names]


@dataclass(frozen=True, slots=True)
class _Bench:
    modules: Mapping[str, str]
    parsed: Mapping[str, Module]
    options: Mapping[str, Any]
    now_ns: int | None

    def verdicts(self, file: str, version: str, equivalent: frozenset[str]) -> Iterator[Verdict]:
        needed = self._needed(file)
        tests = [test for other in needed for test in _tests(self.parsed[other])]
        policy = compile_modules({other: self.modules[other] for other in needed}, **self.options)
        expected = {test: self._asked(policy, test) for test in tests}
        for test, (value, _) in expected.items():
            if not _passes(value):
                raise Malformed(f"the test {test} fails before anything was changed", where=file, hint="mend it first")
        for mutant in mutants(file, self.modules[file], version):
            yield self._judged(mutant, needed, expected, equivalent)

    def _judged(
        self,
        mutant: Mutant,
        needed: Iterable[str],
        expected: Mapping[str, tuple[object, int]],
        equivalent: frozenset[str],
    ) -> Verdict:
        texts = {file: mutant.text if file == mutant.file else self.modules[file] for file in needed}
        try:
            policy = compile_modules(texts, **self.options)
        except PolicyErrors:
            return Verdict(mutant, "no policy")
        for test, (value, steps) in expected.items():
            limits = Limits(steps=max(_LEAST_STEPS, steps * _FACTOR))
            try:
                if self._asked(policy, test, limits)[0] != value:
                    return Verdict(mutant, "killed", test)
            except BudgetExhausted:
                return Verdict(mutant, "exhausted", test)
        return Verdict(mutant, "equivalent" if mutant.id in equivalent else "survived")

    def _asked(self, policy: Policy, test: str, limits: Limits = _LIMITS) -> tuple[object, int]:
        try:
            found = policy.evaluate(test, now_ns=self.now_ns, limits=limits)
        except BudgetExhausted:
            raise
        except GravenError as e:
            return type(e).__name__, 0
        return found.value, found.steps

    def _needed(self, file: str) -> list[str]:
        """Give the modules that have to do with one: its package, the tests that import it, and what those import."""
        about = self._reached([file])
        asking = [other for other in self.modules if _tests(self.parsed[other]) and file in self._reached([other])]
        return [other for other in self.modules if other in about | self._reached(asking)]

    def _reached(self, files: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(files)
        while waiting:
            now = waiting.pop()
            if now not in found:
                found.add(now)
                waiting += self._imported(now)
        return found

    def _imported(self, file: str) -> list[str]:
        module = self.parsed[file]
        paths = [tuple(one.path) for one in module.imports if one.path[:1] == ["data"]]
        paths += [_plain(module.package), *_spoken(module)]
        return [other for other, it in self.parsed.items() if any(_meets(path, _plain(it.package)) for path in paths)]


def _plain(package: Sequence[str]) -> tuple[str, ...]:
    return tuple(package) if package[:1] == ["data"] else ("data", *package)


def _meets(path: tuple[str, ...], package: tuple[str, ...]) -> bool:
    """Say whether a reference can reach into a package."""
    shared = min(len(path), len(package))
    return path[:shared] == package[:shared] and (len(path) >= len(package) or len(path) > 1)


def _spoken(module: Module) -> Iterator[tuple[str, ...]]:
    """Give the full paths below ``data`` that a module reads without importing them."""
    for rule in module.rules:
        for term in rule_terms(rule):
            if isinstance(term, Ref) and isinstance(term.head, Var) and term.head.name == "data":
                steps = []
                for step in term.steps:
                    if not (isinstance(step, Scalar) and isinstance(step.value, str)):
                        break
                    steps.append(step.value)
                yield ("data", *steps)


def _passes(value: object) -> bool:
    """Say whether a test passes: it is true, or each of its cases is."""
    cases = value.values() if isinstance(value, dict) else ()
    return value is TRUE or (bool(cases) and all(case is TRUE for case in cases))
