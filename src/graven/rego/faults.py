"""Owns the errors of the engine: what a policy did wrong, where, and what to do about it.

Codes and text form are OPA's: ``file:row: code: message``, then the source line with a caret beneath the column.
"""

from __future__ import annotations

from collections.abc import Iterable

from graven.errors import GravenError, Malformed, TooLarge
from graven.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from graven.rego.tree import Source

__all__ = [
    "BudgetExhausted",
    "CompileFault",
    "EvaluationError",
    "OutOfTime",
    "PolicyError",
    "PolicyErrors",
    "RuleExhausted",
    "fault",
    "too_deep",
]


class PolicyError(Record):
    """One error of one module.

    >>> print(PolicyError("p.rego", 3, 5, "rego_unsafe_var_error", "var x is unsafe"))
    p.rego:3: rego_unsafe_var_error: var x is unsafe
    """

    file: str
    row: int
    col: int
    code: str
    message: str
    line_text: str = ""
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.row}: {self.code}: {self.message}"
        if self.line_text.strip():
            lead = "".join("\t" if char == "\t" else " " for char in self.line_text[: self.col - 1])
            text += f"\n\t{self.line_text}\n\t{lead}^"
        return f"{text}\n\t{self.hint}" if self.hint else text


class PolicyErrors(Malformed):
    """All errors of all modules, in the order of their places."""

    def __init__(self, errors: Iterable[PolicyError]) -> None:
        self.errors = tuple(sorted(set(errors)))
        lead = "1 error occurred: " if len(self.errors) == 1 else f"{len(self.errors)} errors occurred:\n"
        super().__init__(lead + "\n".join(map(str, self.errors)))


class EvaluationError(GravenError):
    """An evaluation that has no answer; it is never to be read as one."""

    def __init__(self, code: str, message: str, file: str = "", row: int = 0, col: int = 0) -> None:
        self.code = code
        self.file, self.row, self.col = file, row, col
        place = f"{file}:{row}: " if row else ""
        super().__init__(f"{place}{code}: {message}")
        self.reason = message


class BudgetExhausted(TooLarge):
    """An evaluation that took more steps, or made a larger value, than its limits allow."""


def too_deep() -> BudgetExhausted:
    """Give the error of an evaluation that no stack holds."""
    return BudgetExhausted("the evaluation is nested too deeply", hint="simplify the rules or the input")


class OutOfTime(BudgetExhausted):
    """The time of the caller is over; it says nothing of any rule."""


class RuleExhausted(BudgetExhausted):
    """A rule that took more steps than its own budget."""

    code = "eval_budget_error"

    def __init__(self, rule: str, steps: int, place: tuple[str, int, int]) -> None:
        self.file, self.row, self.col = place
        self.reason = f"{rule} took more steps than its budget of {steps}"
        super().__init__(f"{self.file}:{self.row}: {self.code}: {self.reason}", hint=RAISE)


RAISE = "raise custom.steps in its metadata, or the limit of steps for each rule"


class CompileFault(Exception):
    """Carries one error up to where all are gathered."""

    def __init__(self, error: PolicyError) -> None:
        super().__init__(str(error))
        self.error = error


def fault(source: Source, at: int, code: str, message: str, hint: str = "") -> PolicyError:
    """Place an error in its source."""
    row, col = source.position(min(at, len(source.text)))
    return PolicyError(source.file, row, col, code, message, source.line(row), hint)
