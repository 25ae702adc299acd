"""Tells the findings of a test: each format once, to stdout or a file; what could not be decided goes to stderr."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from graven.checks.outcome import Outcome, exit_code
from graven.engines import paths
from graven.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any

__all__ = ["FORMATS", "Output", "outputs", "tell"]

FORMATS = ("stdout", "json", "full", "tap", "table", "junit", "github", "azuredevops", "sarif", "markdown")


class Output(Record):
    """A format, and the file that it goes to; none: stdout."""

    format: str
    file: str = ""


def outputs(words: Sequence[str]) -> tuple[Output, ...] | str:
    """Read ``FORMAT`` and ``FORMAT=FILE``, or say what is wrong with them.

    >>> outputs(["stdout", "sarif=found.sarif"])
    (Output(format='stdout', file=''), Output(format='sarif', file='found.sarif'))
    """
    found = tuple(Output(*word.partition("=")[::2]) for word in words)
    unknown = [each.format for each in found if each.format not in FORMATS]
    if unknown:
        return f"got the output {unknown[0]!r}, there are {', '.join(FORMATS)}"
    if sum(not each.file for each in found) > 1:
        return "got several outputs without a file, expected one: write -o FORMAT=FILE for the others"
    return found


def tell(outcome: Outcome, wanted: Sequence[Output], args: argparse.Namespace) -> None:
    """Write every output that is wanted, and on stderr what could not be decided."""
    for output in wanted:
        text = _rendered(outcome, output, args)
        if output.file:
            _write(output.file, text)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()
    if args.trace:
        from graven.reports.stdout import trace

        sys.stderr.write(trace(outcome.results, color=_colour(sys.stderr, args)))
    from graven.reports import undecided

    plain = any(output.format == "stdout" and not output.file for output in wanted)
    beside = sys.stdout if plain else sys.stderr
    if outcome.explained:
        from graven.reports import explained

        beside.write("\n" + explained.render(outcome.explained) + "\n")

    beside.write(undecided.notes(outcome))
    sys.stderr.write(undecided.render(outcome))


def _rendered(outcome: Outcome, output: Output, args: argparse.Namespace) -> str:
    options: dict[str, Any] = {
        "stdout": {
            "color": not output.file and _colour(sys.stdout, args),
            "suppress_exceptions": args.suppress_exceptions,
            "places": True,
        },
        "full": {"full": True},
        "junit": {"hide_message": args.junit_hide_message},
        "github": {"hide_passed": args.github_hide_passed, "folder": paths.working()},
        "markdown": {"problems": outcome.problems, "notes": outcome.notes},
        "sarif": {
            "problems": outcome.problems,
            "exit_code": exit_code(outcome, fail_on_warn=args.fail_on_warn, no_fail=args.no_fail),
            "version": _version() if output.format == "sarif" else "",
        },
    }
    module = import_module(f"graven.reports.{'json' if output.format == 'full' else output.format}")
    return str(module.render(outcome.results, **options.get(output.format, {})))


def _version() -> str:
    from importlib.metadata import version

    return version("graven")


def _colour(stream: Any, args: argparse.Namespace) -> bool:
    return bool(stream.isatty() and not args.no_color and not os.environ.get("NO_COLOR"))


def _write(file: str, text: str) -> None:
    from pathlib import Path

    from graven.errors import Unavailable

    try:
        Path(file).write_text(text)
    except OSError as e:
        raise Unavailable(f"cannot write the output: {e.strerror}", where=file) from e
