"""Owns the lines of a query's trace as a run of checks tells them: all of OPA's events, one on each line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    made: list[Tracer] = field(default_factory=list)

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
        if not self.made:
            self.made.append(Tracer(self.policy))
        base = UNDEFINED if file is None else _with_file(self.policy.base, file)
        world = self.world if answer is None else self.world._replace(recorded=answer.recorded)
        trace = self.made[0].trace(query, document, now_ns=self.now_ns, world=world, base=base)
        if answer is not None and same:
            trace.agree(query, answer.value)
        return tuple(line for told in trace.lines() for line in told.split("\n") if line)


def _with_file(base: Value, file: Mapping[str, str]) -> Value:
    return RegoObject({**base, "conftest": RegoObject({"file": from_json(dict(file))})})
