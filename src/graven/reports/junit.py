"""Owns JUnit's XML of results, as conftest writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from graven.checks.results import CheckResult, Result

__all__ = ["render"]

_ESCAPES = {'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ESCAPES |= {"\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
_TABLE = dict.fromkeys((*range(32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd") | str.maketrans(_ESCAPES)


class _Case(NamedTuple):
    name: str
    failure: str | None = None
    skipped: str | None = None


def render(results: Sequence[CheckResult], *, hide_message: bool = False, runtime: str = "") -> str:
    """Write a suite for each namespace; ``runtime`` is told as the property that conftest calls ``go.version``."""
    suites: dict[str, list[_Case]] = {}
    for result in results:
        cases = list(_cases(result, hide_message=hide_message))
        if cases:
            suites.setdefault(result.namespace, []).extend(cases)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    if suites:
        lines.append("<testsuites>")
        for namespace, cases in suites.items():
            lines += _suite(f"conftest.{namespace}", cases, runtime)
        lines.append("</testsuites>")
    else:
        lines.append("<testsuites></testsuites>")
    return "\n".join(lines) + "\n"


def _cases(result: CheckResult, *, hide_message: bool) -> Iterator[_Case]:
    def name(one: Result) -> str:
        summary = "" if hide_message else one.message
        return f"{result.filename} - {summary.split(chr(10))[0]}" if summary else result.filename

    for one in (*result.warnings, *result.failures):
        yield _Case(name(one), failure=one.message)
    for one in result.skipped:
        yield _Case(name(one), skipped=one.message)
    yield from [_Case(result.filename)] * result.successes


def _suite(name: str, cases: Sequence[_Case], runtime: str) -> Iterator[str]:
    failures = sum(case.failure is not None for case in cases)
    quoted = _escaped(name)
    classname = _escaped(name.rpartition("/")[2])
    yield f'\t<testsuite tests="{len(cases)}" failures="{failures}" time="0.000" name="{quoted}">'
    yield "\t\t<properties>"
    yield f'\t\t\t<property name="go.version" value="{_escaped(runtime)}"></property>'
    yield "\t\t</properties>"
    for case in cases:
        head = f'\t\t<testcase classname="{classname}" name="{_escaped(case.name)}" time="0.000">'
        if case.failure is not None:
            yield head
            yield f'\t\t\t<failure message="Failed" type="">{_escaped(case.failure)}</failure>'
            yield "\t\t</testcase>"
        elif case.skipped is not None:
            yield head
            yield f'\t\t\t<skipped message="{_escaped(case.skipped)}"></skipped>'
            yield "\t\t</testcase>"
        else:
            yield f"{head}</testcase>"
    yield "\t</testsuite>"


def _escaped(text: str) -> str:
    return text.translate(_TABLE)
