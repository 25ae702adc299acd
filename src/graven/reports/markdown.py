"""Owns the summary for people, in the Markdown that CI services show: what stands in the way first, then the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graven.checks.outcome import Problem
from graven.checks.results import CheckResult, Result
from graven.reports.totals import counted, totals

__all__ = ["render"]

_LIMIT = 500
"""Rows of one table; GitHub shows no summary over a megabyte."""

Row = tuple[CheckResult, Result]


def render(results: Sequence[CheckResult], *, problems: Sequence[Problem] = (), notes: Sequence[str] = ()) -> str:
    """Write the summary of a run."""
    sums = totals(results)
    lines = [f"## {_headline(results, problems)}", "", f"{_plain(str(sums))}.", ""]
    if problems:
        lines += ["### Not decided", "", *(f"- {_problem(problem)}" for problem in problems), ""]
    lines += _section("Refused", [(each, one) for each in results for one in each.failures])
    lines += _section("Warnings", [(each, one) for each in results for one in each.warnings])
    lines += _section("Let pass", [(each, one) for each in results for one in each.exceptions])
    lines += _section("Skipped", [(each, one) for each in results for one in each.skipped])
    lines += _remedies(results)
    lines += _files(results)
    if notes:
        lines += ["### Notes", "", *(f"- {_plain(note)}" for note in notes), ""]
    return "\n".join(lines)


def _headline(results: Sequence[CheckResult], problems: Sequence[Problem]) -> str:
    sums = totals(results)
    if problems:
        return f"❔ Not decided: {counted(len(problems), 'problem')}"
    if sums.failures:
        return f"❌ Refused: {counted(sums.failures, 'finding')}"
    if not sums.tests:
        return "❔ Nothing was tested"
    return "⚠️ Passed with warnings" if sums.warnings else "✅ Passed"


def _problem(problem: Problem) -> str:
    place = problem.place
    at = f"{place.file}:{place.line}" if place is not None and place.line else place.file if place else problem.file
    text = _plain(problem.message) + (f" — {_plain(problem.hint)}" if problem.hint else "")
    return f"{_code(at)} {text}" if at else text


def _section(title: str, rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        return
    yield from (f"### {title}", "", "| Where | What | Rule |", "| --- | --- | --- |")
    yield from (_row(result, one) for result, one in rows[:_LIMIT])
    if len(rows) > _LIMIT:
        yield from ("", f"… and {len(rows) - _LIMIT} more.")
    yield ""


def _row(result: CheckResult, one: Result) -> str:
    what = _plain(one.message)
    if one.waived is not None:
        until = f" until {one.waived.expires}" if one.waived.expires else ""
        what += f"<br>waived by {_plain(one.waived.owner)}{until}: {_plain(one.waived.reason)}"
    return f"| {_where(result, one)} | {what} | {_rule(result, one)} |"


def _where(result: CheckResult, one: Result) -> str:
    place = one.loc if one.loc is not None and one.loc.file else one.place
    file = (place.file if place else "") or ("stdin" if result.filename == "-" else result.filename)
    at = _code(f"{file}:{place.line}" if place and place.line else file)
    return f"{at}<br>{_code(one.address)}" if one.address else at


def _rule(result: CheckResult, one: Result) -> str:
    if one.rule is None:
        return _code(result.namespace)
    name = _plain(one.rule.title) or _code(one.rule.id or one.rule.path)
    linked = f"[{name}]({one.rule.help_uri})" if one.rule.help_uri.startswith(("https://", "http://")) else name
    return f"{linked}<br>{one.rule.severity}" if one.rule.severity else linked


def _remedies(results: Sequence[CheckResult]) -> Iterator[str]:
    found = {
        (one.rule.title or one.rule.path): one.rule.remediation
        for result in results
        for one in (*result.failures, *result.warnings)
        if one.rule is not None and one.rule.remediation
    }
    if found:
        yield from ("### What to do", "")
        yield from (f"- **{_plain(title)}**: {_plain(remedy)}" for title, remedy in found.items())
        yield ""


def _files(results: Sequence[CheckResult]) -> Iterator[str]:
    if not results:
        return
    head = "| File | Namespace | Passed | Refused | Warnings | Let pass |"
    yield from ("<details><summary>Files</summary>", "", head, "| --- | --- | --: | --: | --: | --: |")
    for each in results[:_LIMIT]:
        numbers = (each.successes, len(each.failures), len(each.warnings), len(each.exceptions))
        file = "stdin" if each.filename == "-" else each.filename
        yield f"| {_code(file)} | {_code(each.namespace)} | {' | '.join(map(str, numbers))} |"
    yield from ("", "</details>", "")


def _plain(text: str) -> str:
    """Let a text stand in a cell as it is: neither a mark of Markdown nor HTML."""
    text = text.replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "|`*_[]#~!":
        text = text.replace(mark, f"\\{mark}")
    return "<br>".join(text.strip().splitlines())


def _code(text: str) -> str:
    if not text:
        return ""
    plain = text.replace("|", "\\|").replace("\n", " ").replace("\r", " ")
    return f"`` {plain} ``" if "`" in plain else f"`{plain}`"
