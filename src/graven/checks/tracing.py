"""Owns the lines of a query's trace as a run of checks tells them: all of OPA's events, one on each line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graven.errors import Mismatch
from graven.rego import Answer, Policy, Value, World
from graven.rego.trace.asking import Tracer
from graven.rego.values import UNDEFINED, RegoObject, from_json

__all__ = ["Tracing"]


@dataclass(frozen=True, slots=True)
class Tracing:
    """What is needed to ask again."""

    policy: Policy
    world: World
    now_ns: int
    newer: bool = True
    """Rules are chosen as by the newest OPA, and not as by conftest's."""
    made: dict[bool, Tracer] = field(default_factory=dict)

    def steps(
        self,
        query: str,
        document: Value,
        file: Mapping[str, str] | None = None,
        answer: Answer | None = None,
        *,
        same: bool = True,
    ) -> tuple[str, ...]:
        """Tell how a query is evaluated; ``file`` is ``data.conftest.file``, ``answer`` what the engine answered.

        ``same``: it answered this query, and none that reads the same rules.

        Raises:
            Mismatch: the engine gave another value.
            BudgetExhausted: there is more to tell than may be kept.
        """
        base = UNDEFINED if file is None else _with_file(self.policy.base, file)
        world = self.world if answer is None else self.world._replace(recorded=answer.recorded)
        compared = (answer.value,) if answer is not None and same else ()
        try:
            return self._lines(query, document, (world, base, compared), newer=self.newer)
        except Mismatch:
            if self.newer:
                raise
            return self._lines(query, document, (world, base, compared), newer=True)

    def _lines(
        self, query: str, document: Value, around: tuple[World, Value, tuple[Value, ...]], *, newer: bool
    ) -> tuple[str, ...]:
        """Tell it with the newer choice of rules, or with that of before, which leaves out rules that hold."""
        world, base, compared = around
        if newer not in self.made:
            self.made[newer] = Tracer(self.policy, newer=newer)
        trace = self.made[newer].trace(query, document, now_ns=self.now_ns, world=world, base=base)
        for value in compared:
            trace.agree(query, value)
        return tuple(line for told in trace.lines() for line in told.split("\n") if line)


def _with_file(base: Value, file: Mapping[str, str]) -> Value:
    return RegoObject({**base, "conftest": RegoObject({"file": from_json(dict(file))})})
