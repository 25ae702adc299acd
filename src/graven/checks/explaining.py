"""Owns the way from a value of a file to a verdict: what each line of the rule saw, and what would turn it; pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from graven.checks.results import Place, Result
from graven.checks.subjects import Subject
from graven.errors import GravenError
from graven.rego import UNDEFINED, Policy, RuleInfo, Value, World
from graven.rego.change import Budget, search, without
from graven.rego.lines import Line, Lines, part, short

__all__ = ["Change", "Explained", "Explainer", "Step"]

_STEPS = 500_000
"""So much is spent on the changes of all findings of a run together."""


@dataclass(frozen=True, slots=True)
class Step:
    """One edit of a document."""

    op: str
    """add, replace, remove."""
    path: tuple[str | int, ...]
    """In the document, or in the view of it where that is made of more than a part of it."""
    value: str
    place: Place
    """Of what is edited, or of what is around it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A smallest change after which the rule says nothing: no part of it is enough."""

    steps: tuple[Step, ...]
    """Empty: none was found."""
    evaluations: int
    """So often was the rule evaluated to find it, and to verify it; 0: what a run may spend was spent before."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding, and how it came about."""

    result: Result
    file: str
    namespace: str
    value: str
    """What the value is that made the rule speak."""
    lines: tuple[Line, ...] = ()
    change: Change | None = None
    """None: it was not searched, for what is waived needs none."""


@dataclass(slots=True)
class Explainer:
    """Explains findings as they are found."""

    now_ns: int | None = None
    world: World = field(default_factory=World)
    found: list[Explained] = field(default_factory=list)
    left: int = _STEPS
    seen: Lines | None = None
    """Of the subject that was explained last."""

    def add(
        self, policy: Policy, query: str, info: RuleInfo, shown: tuple[Subject, Value, Value], said: Result
    ) -> None:
        """Explain what a rule said of a subject: the member that it gave for the subject's value."""
        subject = shown[0]
        if self.seen is None or self.seen.query != query or self.seen.document is not subject.value:
            self.seen = Lines(policy, query, subject.value, now_ns=self.now_ns, world=self.world)
        lines = self.seen.of(info, said.message)
        told = part(subject.document.value, said.path) if not subject.view else None
        change = self._change(policy, query, shown) if said.waived is None else None
        text_of = "" if told is None else short(told)
        self.found.append(Explained(said, subject.document.file, info.package, text_of, lines, change))

    def _change(self, policy: Policy, query: str, shown: tuple[Subject, Value, Value]) -> Change:
        """Search a smallest change of the subject that makes the rule say nothing."""
        subject, value, member = shown
        if self.left <= 0:
            return Change((), 0)
        try:
            found = search(
                policy,
                query,
                value,
                without(member),
                now_ns=self.now_ns,
                world=self.world,
                budget=Budget(steps=self.left),
            )
        except GravenError:
            return Change((), 0)
        self.left -= found.steps + found.evaluations
        steps = (
            Step(
                edit.op,
                edit.path if subject.translate is not None else subject.source_path(edit.path),
                "" if edit.after is UNDEFINED else short(edit.after),
                subject.place(edit.path),
            )
            for edit in found.edits or ()
        )
        return Change(tuple(steps), found.evaluations)
