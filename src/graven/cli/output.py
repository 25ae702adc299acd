"""What commands print: a JSON document of stable shape, or text for people (colours on a terminal only)."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from graven.errors import GravenError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["add_output", "console", "emit", "error_document", "family", "table"]


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add ``--output text|json``."""
    parser.add_argument(
        "-o", "--output", choices=("text", "json"), default="text", help="what to print (default: text)"
    )


def emit(args: argparse.Namespace, document: Any, text: Callable[[], None]) -> None:
    """Print the document as JSON where ``--output json`` asks for it, or else call ``text`` to print for people."""
    if args.output == "json":
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    else:
        text()


def console(*, stderr: bool = False) -> Console:
    """Give a rich console: plain where the output is no terminal, or NO_COLOR is set."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 160
    return Console(file=stream, highlight=False, soft_wrap=not stream.isatty(), width=width)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table; what stands in a cell is text and never markup."""
    from rich.markup import escape
    from rich.table import Table

    found = Table(title=title or None, box=None, pad_edge=False, title_justify="left", header_style="bold")
    for column in columns:
        found.add_column(column, overflow="fold")
    for row in rows:
        found.add_row(*(escape(str(cell)) for cell in row))
    console().print(found)


def family(error: GravenError) -> str:
    """Name an error's family as the API does.

    >>> from graven.errors import NotFound
    >>> family(NotFound("no such tag"))
    'not_found'
    """
    named = next(kind for kind in type(error).__mro__ if kind.__module__ == "graven.errors")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", named.__name__).lower()


def error_document(error: GravenError) -> dict[str, Any]:
    """Give the document that ``--output json`` prints for an error; the API answers the same shape."""
    return {
        "error": {
            "code": family(error),
            "message": error.message,
            "where": error.where,
            "hint": error.hint,
            "detail": dict(error.detail),
        }
    }
