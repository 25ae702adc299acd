"""``conftest reformat``: turns results in JSON into another form."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from graven.checks.lax import LaxFault
from graven.checks.laxdocuments import as_float64
from graven.checks.results import CheckResult, Place, Result
from graven.cli.conftest.options import Options
from graven.cli.conftest.shared import OUTPUTS, flagged, tell
from graven.cli.conftest.tree import Command
from graven.reports.jsontext import GoFloat

__all__ = ["COMMAND", "run"]

_LONG = f"""
Turns the JSON of a test into another form, so that one run can be told in several:

	$ conftest test --output json config.yaml > results.json
	$ conftest reformat --output table results.json
	$ conftest reformat --output junit results.json

Without a file it reads stdin. The forms are {OUTPUTS}."""

COMMAND = Command("conftest reformat", "[file...]", "turn results in JSON into another form", _LONG, flagged("output"))


def run(options: Options) -> int:
    """Read results and print them.

    Raises:
        LaxFault: they cannot be read.
    """
    text = _read(options.words)
    try:
        found, _ = json.JSONDecoder().raw_decode(text.lstrip())
        results = [] if found is None else [_file(each) for each in found]
    except (ValueError, TypeError, AttributeError, KeyError) as e:
        reason = "EOF" if not text.strip() else str(e)
        raise LaxFault(f"failed to parse JSON input: {reason}") from None
    form = options.text("output")
    if form == "json" and found == []:
        sys.stdout.write("[]\n")
    else:
        tell(results, form)
    return 0


def _read(words: list[str]) -> str:
    if not words:
        return sys.stdin.read()
    try:
        return Path(words[0]).read_text()
    except OSError as e:
        raise LaxFault(f"failed to open input file: open {words[0]}: {(e.strerror or str(e)).lower()}") from None


def _file(document: Any) -> CheckResult:
    def found(kind: str) -> tuple[Result, ...]:
        return tuple(map(_finding, document.get(kind) or ()))

    return CheckResult(
        str(document.get("filename", "")),
        str(document.get("namespace", "")),
        int(document.get("successes", 0)),
        skipped=found("skipped"),
        warnings=found("warnings"),
        failures=found("failures"),
        exceptions=found("exceptions"),
    )


def _finding(document: Any) -> Result:
    loc = document.get("loc")
    place = Place(str(loc.get("file", "")), loc.get("line", 0)) if loc else None
    metadata = as_float64(document.get("metadata") or {}, GoFloat)
    return Result(str(document["msg"]), metadata, place, tuple(document.get("outputs") or ()))
