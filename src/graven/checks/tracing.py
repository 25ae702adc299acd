"""Owns the trace of a query: which expressions were reached, with the values of their variables.

The form is that of OPA's trace, a word and what it is about on each line, but not each of its steps is there: the
engine compiles rules and has no more to tell than the expressions to which it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graven.errors import GravenError
from graven.rego import Policy, Reached, Value, World
from graven.rego.notation import term_text

__all__ = ["Tracing"]


_IMPORT = re.compile(r"^import (data(?:\.\w+)+)(?: as (\w+))?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tracing:
    """What is needed to ask again, and to quote the sources."""

    policy: Policy
    modules: Mapping[str, str]
    world: World
    now_ns: int

    def steps(self, query: str, document: Value, shown: str = "") -> tuple[str, ...]:
        """Tell how a query is evaluated."""
        name = shown or query
        lines = [f"Enter {name}"]
        end = self.follow(query, document, lambda at, text: lines.append(f"{at.file}:{at.row:<4} | Eval {text}"))
        return (*lines, f"Exit {name}" if end is None else f"| Fail {end or name}")

    def follow(self, query: str, document: Value, told: Callable[[Reached, str], None]) -> str | None:
        """Evaluate a query and tell what is reached; give None if it is defined, else the fault, if there was one."""

        def reached(point: Reached) -> None:
            line = self._line(point)
            if line:
                told(point, f"{line}{_known(point)}")

        try:
            answer = self.policy.evaluate(query, document, now_ns=self.now_ns, world=self.world, trace=reached)
        except GravenError as e:
            return e.message
        return None if answer.defined else ""

    def _line(self, point: Reached) -> str:
        text = self.modules.get(point.file, "")
        lines = text.splitlines()
        return _resolved(text, lines[point.row - 1].strip()) if 0 < point.row <= len(lines) else ""


def _resolved(text: str, line: str) -> str:
    """Write the names that a module imports out in full."""
    for path, alias in _IMPORT.findall(text):
        line = re.sub(rf"(?<![\w.]){alias or path.rpartition('.')[2]}(?=[.\[])", path, line)
    return line


def _known(point: Reached) -> str:
    told = ", ".join(f"{name}: {term_text(value)[:80]}" for name, value in point.values.items())
    return f" {{{told}}}" if told else ""
