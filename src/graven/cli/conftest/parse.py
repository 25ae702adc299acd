"""``conftest parse``: shows what rules see of files."""

from __future__ import annotations

import sys
from typing import Any

from graven.checks.lax import LaxFault, combined
from graven.checks.laxdocuments import as_float64
from graven.cli.conftest.flags import Flag
from graven.cli.conftest.options import Options
from graven.cli.conftest.shared import PARSERS
from graven.cli.conftest.sources import configurations
from graven.cli.conftest.tree import Command
from graven.reports.jsontext import GoFloat, dumps

__all__ = ["COMMAND", "run"]

_LONG = """
Shows the document that rules see of a file.

What a format becomes is not always plain to guess; rules are easier to write beside it. The format is found out from
the name of the file, and for stdin it has to be said:

	$ conftest parse --parser toml <files>
"""

COMMAND = Command(
    "conftest parse",
    "[file...]",
    "show the document that rules see of a file",
    _LONG,
    (
        Flag("combine", "bool", "show all files as one document"),
        Flag("parser", "string", f"read every file with one of {PARSERS}"),
    ),
)


def run(options: Options) -> int:
    """Print the documents.

    Raises:
        LaxFault: a file cannot be read.
    """
    if not options.words:
        raise LaxFault("must supply path to at least one file")
    try:
        found = configurations(options.words, options.text("parser"), options.list("proto-file-dirs"))
    except LaxFault as e:
        raise LaxFault(f"parse configurations: {e.message}") from None
    if options.flag("combine"):
        documents: Any = [{"path": each["path"], "contents": _sorted(each["contents"])} for each in combined(found)]
        sys.stdout.write(dumps(_shown(documents), indent="\t", sort=False) + "\n\n")
        return 0
    shown = next(iter(found.values())) if len(found) == 1 else found
    sys.stdout.write(dumps(_shown(shown), indent="  ") + "\n")
    return 0


def _shown(value: Any) -> Any:
    """Let floats be printed as Go prints them; whole numbers of TOML stay what they are."""
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return as_float64(value, GoFloat) if isinstance(value, float) or _rounded(value) else value


def _rounded(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**63


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in sorted(value.items())}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
