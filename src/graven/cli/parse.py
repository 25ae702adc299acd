"""``graven parse``: shows what rules see of files, and where each part of it stands."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from graven.documents import PARSERS, Document

__all__ = ["HELP", "configure", "run"]

HELP = """Show what rules see of files: the JSON that each is read into.

One file gives its document, several an object by path; a file with several documents gives their list. --positions
writes instead a line for each value: where it stands, its path, and what it is.

  graven parse stages.yaml
  graven parse stages.yaml --positions
  graven parse stages.yaml policies/policy.yaml --combine
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="files, or - for stdin")
    parser.add_argument("--parser", default="", choices=("", *PARSERS), metavar="NAME", help=", ".join(PARSERS))
    parser.add_argument("--combine", action="store_true", help="write the one input that --combine gives to rules")
    parser.add_argument("--positions", action="store_true", help="write line, column, path and value of each part")


def run(args: argparse.Namespace) -> int:
    """Parse, and print."""
    from graven.documents import parse
    from graven.engines.inputs import STDIN, evaluated, included, read
    from graven.reports.jsontext import dumps

    parsed = {}
    for file in dict.fromkeys(args.files):
        name = args.parser or ("yaml" if file == STDIN else "")
        parsed[file] = parse(read(file), file=file, parser=name, evaluate=evaluated, include=included)
    if args.positions:
        for file, documents in parsed.items():
            sys.stdout.write("".join(_positions(file, documents)))
        return 0
    sys.stdout.write(
        dumps(_shown(parsed, combine=args.combine), indent="\t" if args.combine else "  ", sort=not args.combine) + "\n"
    )
    if args.combine:
        sys.stdout.write("\n")
    return 0


def _shown(parsed: dict[str, tuple[Document, ...]], *, combine: bool) -> Any:
    values = {file: _value(documents) for file, documents in parsed.items()}
    if not combine:
        return next(iter(values.values())) if len(values) == 1 else values
    parts = [(file, part) for file, value in values.items() for part in (value if isinstance(value, list) else [value])]
    return [{"path": file, "contents": _sorted(part)} for file, part in sorted(parts, key=lambda each: each[0])]


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in sorted(value.items())}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _value(documents: tuple[Document, ...]) -> Any:
    return documents[0].value if len(documents) == 1 else [document.value for document in documents]


def _positions(file: str, documents: tuple[Document, ...]) -> list[str]:
    from graven.reports.jsontext import dumps

    lines = []
    for number, document in enumerate(documents):
        for path, position in document.places.items():
            value: Any = document.value
            for step in path:
                value = value[step]
            kind = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else ""
            whole = (number, *path) if len(documents) > 1 else path
            at = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in whole) or "."
            lines.append(f"{file}:{position.line}:{position.column}: {at}: {kind or dumps(value)}\n")
    return lines
