"""Owns the reasons of an answer: which rule gave which value, and at which expression the others failed, and on what.

A traced compilation of the same rules reports each expression that it reaches with the values of its variables. The
last expression of a body that was reached, and behind which nothing was, is the one that failed; its references are
then looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from graven.rego.compile.assembly import Assembled
from graven.rego.faults import EvaluationError, PolicyErrors
from graven.rego.inventory import mentioned
from graven.rego.machine import Growing, Run, State, U, collect
from graven.rego.notation import term_text
from graven.rego.readout import shown, substituted
from graven.rego.ruletree import Definition, Group, dotted
from graven.rego.salvage import asked
from graven.rego.tree import Call, Expr, Ref, Rule, Scalar, Source, Term, Var
from graven.rego.values import RegoObject, RegoSet, Value, index
from graven.rego.walk import terms

__all__ = ["Explanation", "Failure", "RuleReport", "explain_group", "look"]

_MAX_DEPTH = 6
_FEW = 8


@dataclass(frozen=True, slots=True)
class Failure:
    """The expression at which a rule failed."""

    file: str
    row: int
    col: int
    text: str
    """The expression as it is written."""
    reason: str
    """``undefined: input.sbom.format``, ``it is false``, ``data.x.signed is undefined``."""
    undefined: str = ""
    """The reference that is undefined, up to the step that is not there."""
    hint: str = ""
    """``did you mean input.sbom.type?``"""
    values: tuple[tuple[str, Value], ...] = ()
    """What the references and variables of the expression were."""
    causes: tuple[Explanation, ...] = ()
    """Why rules that the expression reads have no value."""

    def __str__(self) -> str:
        values = ", ".join(f"{name} = {term_text(value)}" for name, value in self.values)
        text = f"{self.file}:{self.row}:{self.col}: {self.text}: {self.reason}"
        return text + (f", {self.hint}" if self.hint else "") + (f" ({values})" if values else "")


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What one rule did."""

    file: str
    row: int
    """Where the rule, or the ``else`` that gave the value, stands."""
    values: tuple[Value, ...] = ()
    """What it gave: a value, or members of the set, or objects with the entries; nothing: it failed."""
    failure: Failure | None = None
    error: str = ""
    """Why it could not be evaluated."""

    @property
    def fired(self) -> bool:
        """Say whether it gave anything."""
        return bool(self.values)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a document has its value, or none."""

    path: str
    value: Value
    rules: tuple[RuleReport, ...] = ()
    default: bool = False
    """The value is that of ``default``, as no rule gave one."""
    failures: tuple[Failure, ...] = field(default=())

    def origin(self, value: Value) -> tuple[RuleReport, ...]:
        """Give the rules that gave this value or member."""
        return tuple(rule for rule in self.rules if value in rule.values)


class _Watch:
    """Keeps, for each body, the furthest expression that was reached and the values there."""

    def __init__(self, program: Assembled) -> None:
        self.program = program
        self.furthest: dict[int, tuple[int, int, dict[str, Value], State]] = {}

    def __call__(self, state: State, number: int, values: dict[str, Value]) -> None:
        point = self.program.unit.points[number]
        if point.arm is None or point.place < 0:
            return
        key = id(point.arm)
        if key not in self.furthest or self.furthest[key][0] <= point.place:
            self.furthest[key] = (point.place, number, values, state)


def explain_group(program: Assembled, run: Run, state: State, group: Group, depth: int = 0) -> Explanation:
    """Explain the value of a group; the program is a traced one."""
    value = asked(program, group.number, state)
    watch = _Watch(program)
    reports = []
    for at, each in enumerate(group.definitions):
        run.tracer = watch
        reports.append(_report(program, (group, at, each), state, watch, depth))
    run.tracer = None
    default = bool(group.defaults) and value is not U and not any(report.fired for report in reports)
    path = "data." + dotted(group.path)
    failures = tuple(report.failure for report in reports if report.failure is not None)
    return Explanation(path, value, tuple(reports), default, failures)


def _report(
    program: Assembled, where: tuple[Group, int, Definition], state: State, watch: _Watch, depth: int
) -> RuleReport:
    group, at, each = where
    source = each.module.source
    arms = program.functions[group.number, at]
    rules = (each.rule, *each.rule.orelse)
    row = source.position(each.rule.at)[0]
    try:
        if group.kind in ("set", "object"):
            values = _added(group.kind, arms[0], state)
            if values:
                return RuleReport(source.file, row, values)
        else:
            for rule, arm in zip(rules, arms, strict=False):
                value = arm(state)
                if value is not U:
                    return RuleReport(source.file, source.position(rule.at)[0], (value,))
    except EvaluationError as error:
        return RuleReport(source.file, row, error=str(error))
    return RuleReport(source.file, row, failure=_failure(program, rules, source, watch, depth))


def _added(kind: str, add: object, state: State) -> tuple[Value, ...]:
    out: set[Value] | Growing = set() if kind == "set" else Growing()
    add(state, out)  # type: ignore[operator]
    if isinstance(out, set):
        return RegoSet(out).ordered()
    return (collect(out),) if out else ()


def _failure(program: Assembled, rules: tuple[Rule, ...], source: Source, watch: _Watch, depth: int) -> Failure | None:
    """Explain the failure of the last rule of an ``else`` chain, or of the only one."""
    found = [watch.furthest[id(rule)] for rule in rules if id(rule) in watch.furthest]
    if not found:
        return None
    _, number, values, state = found[0]
    return look(program, state, values, program.unit.points[number].expr, source, depth=depth)


def look(
    program: Assembled, state: State, values: Mapping[str, Value], expr: Expr, source: Source, *, depth: int = 0
) -> Failure:
    """Say why an expression failed where its variables had these values."""
    row, col = source.position(expr.at)
    text = source.text[expr.at : expr.end] if expr.end else source.line(row)
    looked = _Look(program, state, values, depth)
    return looked.at(expr, Failure(source.file, row, col, " ".join(text.split()), ""))


class _Look:
    """Looks at the references of the expression that failed."""

    def __init__(self, program: Assembled, state: State, values: Mapping[str, Value], depth: int) -> None:
        self.program = program
        self.state = state
        self.values = values
        self.depth = depth
        self.seen: list[tuple[str, Value]] = [
            (name.partition("%")[0], value) for name, value in values.items() if not name.startswith(("$", "~"))
        ]
        self.causes: list[Explanation] = []
        self.wanted: set[Value] = set()
        """The constants of the expression: a neighbour with such a value may be what was meant."""

    def at(self, expr: Expr, failure: Failure) -> Failure:
        """Say why an expression failed."""
        undefined, hint = "", ""
        if isinstance(expr.term, Term):
            self.wanted = {each.value for each in terms(expr.term) if isinstance(each, Scalar)}
        for ref in mentioned(expr):
            value, missing, near = self._resolve(ref)
            if value is U and missing and not undefined:
                undefined, hint = missing, near
            elif value is not U:
                self.seen.append((shown(ref), value))
        reason = f"undefined: {undefined}" if undefined and not expr.negated else self._reason(expr)
        return Failure(
            failure.file, failure.row, failure.col, failure.text, reason, undefined, hint,
            tuple(dict.fromkeys(self.seen)), tuple(self.causes),
        )  # fmt: skip

    def _reason(self, expr: Expr) -> str:
        if expr.negated:
            return "it is true, and negated here"
        term = expr.term
        if isinstance(term, Call) and term.infix in ("==", "=", "!=", "<", "<=", ">", ">=", "in"):
            return "it is false"
        if isinstance(term, Call):
            return "it is false or undefined"
        return "it is false" if isinstance(term, Term) else "it has no solution"

    def _resolve(self, ref: Ref) -> tuple[Value, str, str]:
        """Walk a reference; give its value, or the first step that is not there and what is near."""
        if not isinstance(ref.head, Var):
            return U, "", ""
        if ref.head.name == "data":
            return self._document(ref)
        current = self.state.input if ref.head.name == "input" else self.values.get(ref.head.name, U)
        text = ref.head.name.partition("%")[0]
        if current is U:
            return U, text if ref.head.name == "input" else "", ""
        for step in ref.steps:
            key = self._key(step)
            if key is U:
                return self._members(current, text)
            following = index(current, key)
            if following is U:
                return U, text + shown([key]), _near(current, key, text, self.wanted)
            current, text = following, text + shown([key])
        return current, "", ""

    @staticmethod
    def _members(container: Value, text: str) -> tuple[Value, str, str]:
        """A step that goes over all members: undefined only if there are none."""
        if container.__class__ in (tuple, RegoObject, RegoSet) and container:
            return U, "", ""
        return U, f"{text}[_]", ""

    def _key(self, step: Term) -> Value:
        if isinstance(step, Scalar):
            return step.value
        return self.values.get(step.name, U) if isinstance(step, Var) else U

    def _document(self, ref: Ref) -> tuple[Value, str, str]:
        path = [step.value for step in ref.steps if isinstance(step, Scalar) and isinstance(step.value, str)]
        node, _ = self.program.unit.tree.find(path)
        group = node.group
        if group is None or group.kind == "function":
            return self._evaluated(ref)
        value = self.program.ask(group.number, self.state)
        if (value is U or value.__class__ is not RegoSet) and self.depth < _MAX_DEPTH:
            run = self.state.run
            self.causes.append(explain_group(self.program, run, self.state, group, self.depth + 1))
        if value is U:
            return U, "data." + dotted(group.path), ""
        return self._evaluated(ref)

    def _evaluated(self, ref: Ref) -> tuple[Value, str, str]:
        """Evaluate a reference with the variables at their values."""
        term = substituted(ref, self.values)
        body = [Expr(ref.at, Call(ref.at, ("assign",), [Var(ref.at, "~found"), term], ":="))]
        rows: list[Value] = []
        try:
            self.program.query(Source("", ""), body, ["~found"])(self.state, rows)
        except (EvaluationError, PolicyErrors, KeyError):
            return U, "", ""
        return (rows[0][0], "", "") if len(rows) == 1 else (U, "" if rows else shown(ref), "")


def _near(container: Value, key: Value, text: str, wanted: set[Value]) -> str:
    """Name the key that may have been meant, or the few that are there."""
    if container.__class__ is not RegoObject or key.__class__ is not str:
        return ""
    names = [name for name in container.ordered() if name.__class__ is str]
    alike = [name for name in names if container[name] in wanted]
    near = get_close_matches(key, names, 1, 0.6) or (alike if len(alike) == 1 else [])
    if near:
        return f"did you mean {text}{shown([near[0]])}?"
    return f"{text} has {', '.join(names)}" if 0 < len(names) <= _FEW else ""


def failures_of(explanation: Explanation) -> Iterator[Failure]:
    """Give every failure, those of the causes included."""
    for failure in explanation.failures:
        yield failure
        for cause in failure.causes:
            yield from failures_of(cause)
