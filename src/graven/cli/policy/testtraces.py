"""Owns how the trace of a test that failed is told: its events, and the expression that failed, as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from graven.cli.policy.testreport import told
from graven.rego.notation import term_text
from graven.rego.trace.asking import failed
from graven.rego.values import Value

if TYPE_CHECKING:
    from graven.rego.testing import SubResult, TestResult
    from graven.rego.trace.asking import Trace
    from graven.rego.trace.events import Event

__all__ = ["failures"]


_LINE = "-" * 80


def failures(found: Iterable[tuple[TestResult, Trace | None]], kind: str, *, quoted: bool) -> Iterator[str]:
    """Tell the tests that failed with what led there; ``quoted``: and how the expression that failed is written."""
    failed_ = [(result, trace) for result, trace in found if result.outcome == "fail"]
    if failed_:
        yield from (_LINE, "FAILURES", _LINE)
    for result, trace in failed_:
        yield told(result)
        yield ""
        if trace is not None:
            yield from _steps(trace, kind)
            if quoted or result.cases:
                yield ""
                yield from _failing(trace, kind, result.cases, quoted=quoted)
        yield ""


def _steps(trace: Trace, kind: str) -> Iterator[str]:
    """Give the events of a kind, each on a line as OPA's writer indents them."""
    rows = trace.rows(kind)
    width = max((len(place.encode()) for place, _ in rows), default=0) + 5
    for place, text in rows:
        yield f"  {place:<{width}}  {text}  "


def _failing(trace: Trace, kind: str, cases: Sequence[SubResult], *, quoted: bool) -> Iterator[str]:
    """Quote the expression that failed; of a test with cases that of each."""
    if not cases:
        yield from _quoted(trace, trace.chosen(kind), "")
        return
    ends = {tuple(_name(step) for step in case): end for case, end in trace.cases().items()}
    for path in sorted(ends):
        if not _passed(cases, path):
            yield from _case(trace, path, ends[path] if quoted else 0)


def _name(step: Value) -> str:
    return step if isinstance(step, str) else term_text(step)


def _passed(cases: Sequence[SubResult], path: Sequence[str]) -> bool:
    found = next((each for each in cases if each.name == path[0]), None)
    if found is None:
        return False
    return found.passed if len(path) == 1 else _passed(found.below, path[1:])


def _case(trace: Trace, path: Sequence[str], end: int) -> Iterator[str]:
    pad = "  "
    for name in path:
        yield f"{pad}{name}: FAIL"
        pad += "  "
    if end:
        yield pad
        yield from _quoted(trace, trace.events[:end], pad)


def _quoted(trace: Trace, events: Sequence[Event], pad: str) -> Iterator[str]:
    event = failed(events)
    if event is None or event.place is None:
        return
    file, row = event.place
    yield f"{pad}  {file}:{row}:"
    yield from (f"{pad}    {line}" for line in trace.written(event).split("\n"))
    yield pad
