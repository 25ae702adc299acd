"""Owns the trace of a query: which expressions were reached, with the values of their variables.

The form is that of OPA's trace, a word and what it is about on each line, but not each of its steps is there: the
engine compiles rules and has no more to tell than the expressions to which it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graven.errors import GravenError
from graven.rego import Policy, Reached, Value, World
from graven.rego.notation import term_text

__all__ = ["Tracing"]


@dataclass(frozen=True, slots=True)
class Tracing:
    """What is needed to ask again, and to quote the sources."""

    policy: Policy
    modules: Mapping[str, str]
    world: World
    now_ns: int

    def steps(self, query: str, document: Value) -> tuple[str, ...]:
        """Tell how a query is evaluated."""
        lines = [f"Enter {query}"]

        def reached(point: Reached) -> None:
            lines.append(f"| {point.file}:{point.row:<6} Eval {self._line(point)}{_known(point)}")

        try:
            answer = self.policy.evaluate(query, document, now_ns=self.now_ns, world=self.world, trace=reached)
        except GravenError as e:
            return (*lines, f"| Fail {e.message}")
        return (*lines, f"Exit {query}" if answer.defined else f"| Fail {query}")

    def _line(self, point: Reached) -> str:
        lines = self.modules.get(point.file, "").splitlines()
        return lines[point.row - 1].strip() if 0 < point.row <= len(lines) else ""


def _known(point: Reached) -> str:
    told = ", ".join(f"{name}: {term_text(value)[:80]}" for name, value in point.values.items())
    return f" {{{told}}}" if told else ""
