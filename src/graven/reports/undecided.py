"""Owns the text of what a test could not decide, and of what its summary notes beside the findings; pure."""

from __future__ import annotations

from graven.checks.outcome import ALLOWABLE, Outcome, Problem

__all__ = ["notes", "render"]


def render(outcome: Outcome) -> str:
    """Tell each problem on a line, and what it means."""
    lines = [f"ERROR - {_line(problem)}\n" for problem in outcome.problems]
    count = len(lines)
    if lines:
        lines.append(f"could not decide: {count} {'problem' if count == 1 else 'problems'}\n")
    return "".join(lines)


def _line(problem: Problem) -> str:
    at = ""
    if problem.place is not None:
        at = f" (at {problem.place.file}:{problem.place.line}:{problem.place.column})"
    hint = problem.hint or (f"--allow {problem.kind} lets it pass" if problem.kind in ALLOWABLE else "")
    parts = [part for part in (problem.file, problem.message) if part]
    return " - ".join(parts) + at + (f": {hint}" if hint else "")


def notes(outcome: Outcome) -> str:
    """Tell what is worth knowing of a run."""
    return "".join(f"{note}\n" for note in outcome.notes)
