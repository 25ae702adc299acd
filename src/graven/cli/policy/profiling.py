"""Owns what ``--profile`` and ``--coverage`` add to the answer of ``graven policy eval``, in OPA's form and by rule."""

from __future__ import annotations

import time

from graven.cli.policy import golang
from graven.record import TYPE_CHECKING
from graven.rego.observation import watched
from graven.rego.profile import Profiler, ordered
from graven.rego.testing.coverage import Coverage

if TYPE_CHECKING:
    from typing import Any

    from graven.rego.compile.assembly import Assembled
    from graven.rego.machine import Run
    from graven.rego.profile import RowProfile, RuleProfile

__all__ = ["Watch", "duration", "tables"]


class Watch:
    """Watches one evaluation, and tells what was asked for."""

    def __init__(self, *, profile: bool, coverage: bool, kinds: bool, sort: list[str], limit: int) -> None:
        self.profile = profile
        self._coverage = coverage
        self._kinds = kinds
        self._sort = sort
        self._limit = max(0, limit)
        self._profiler: Profiler | None = None
        self._covered: Coverage | None = None

    def begin(self, program: Assembled, run: Run) -> None:
        """Begin to watch."""
        if self.profile:
            program.link_all()  # so that what is told is the evaluation, and not the making of its code
            self._profiler = Profiler(program, run, time.perf_counter_ns)
        if self._coverage:
            self._covered = Coverage(program)
        watched(run, [each for each in (self._covered, self._profiler) if each is not None])

    def told(self) -> dict[str, Any]:
        """Give what was seen; nothing where no evaluation began."""
        found: dict[str, Any] = {}
        if self._profiler is not None:
            profile = self._profiler.profile()
            found["profile"] = [_row(row) for row in ordered(profile.rows, self._sort, self._limit)]
            found["profile_rules"] = [_rule(rule) for rule in profile.rules[: self._limit or None]]
        if self._covered is not None:
            found["coverage"] = self._covered.json(kinds=self._kinds)
        return found


def _row(row: RowProfile) -> dict[str, Any]:
    return {
        "total_time_ns": row.total_time_ns,
        "num_eval": row.num_eval,
        "num_redo": row.num_redo,
        "num_gen_expr": row.num_gen_expr,
        "location": {"file": row.file, "row": row.row, "col": row.col},
    }


def _rule(rule: RuleProfile) -> dict[str, Any]:
    return {
        "path": rule.path,
        "time_ns": rule.time_ns,
        "total_time_ns": rule.total_time_ns,
        "num_eval": rule.evaluations,
        "steps": rule.steps,
        "total_steps": rule.total_steps,
        "location": {"file": rule.file, "row": rule.row},
    }


def tables(output: dict[str, Any], query: str) -> str:
    """Draw what was told for people: rows as OPA draws them, then rules, then the share of what was covered."""
    text = ""
    if "metrics" in output:
        text += golang.table(["Metric", "Value"], [[name, str(taken)] for name, taken in output["metrics"].items()])
    if output.get("profile"):
        headings = ["Time", "Num Eval", "Num Redo", "Num Gen Expr", "Location"]
        text += golang.table(headings, [_cells(row, query) for row in output["profile"]])
    if output.get("profile_rules"):
        headings = ["Time", "With Asked", "Num Eval", "Steps", "With Asked", "Rule"]
        text += golang.table(headings, [_rule_cells(rule) for rule in output["profile_rules"]])
    if "coverage" in output:
        top, line, _, bottom = golang.table(
            ["Overall Coverage", f"{output['coverage']['coverage']:.2f}"], []
        ).splitlines()
        text += f"{top}\n{line}\n{bottom}\n"
    return text


def _cells(row: dict[str, Any], query: str) -> list[str]:
    place = row["location"]
    where = f"{place['file']}:{place['row']}" if place["file"] else query.splitlines()[place["row"] - 1].strip()
    return [duration(row["total_time_ns"]), *(str(row[key]) for key in ("num_eval", "num_redo", "num_gen_expr")), where]


def _rule_cells(rule: dict[str, Any]) -> list[str]:
    place = rule["location"]
    times = [duration(rule["time_ns"]), duration(rule["total_time_ns"])]
    counts = [str(rule[key]) for key in ("num_eval", "steps", "total_steps")]
    return [*times, *counts, f"{rule['path']} {place['file']}:{place['row']}"]


_UNITS = ((10**9, "s"), (10**6, "ms"), (10**3, "µs"))


def duration(nanoseconds: int) -> str:
    """Write a time below a minute as Go does.

    >>> duration(46327), duration(331), duration(2_000_000), duration(1_500_000_000)
    ('46.327µs', '331ns', '2ms', '1.5s')
    """
    for size, unit in _UNITS:
        if nanoseconds >= size:
            whole, part = divmod(nanoseconds, size)
            digits = str(part).rjust(len(str(size)) - 1, "0").rstrip("0")
            return f"{whole}.{digits}{unit}" if digits else f"{whole}{unit}"
    return f"{nanoseconds}ns"
