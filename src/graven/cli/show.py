"""``graven show``: one artifact's life."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit
from graven.cli.references import reference_here

__all__ = ["HELP", "configure", "run"]

HELP = """Tell one artifact's life: what it is, what is inside, where it stands, its evidence, decisions and events.

Example:
  graven show app/web:1.0
  graven show app/web@sha256:0000000000000000000000000000000000000000000000000000000000000000 --output json
"""

_STYLES = {"good": "green", "bad": "red", "warn": "yellow"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("reference", metavar="REF", help="NAME:TAG or NAME@DIGEST")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Fetch and tell."""
    wanted = reference_here(args)
    with Client.of(args) as client:
        found = client.get(f"/api/v1/artifacts/{wanted.repository}@{wanted.target}")
    emit(args, found, lambda: _tell(found))
    return 0


def _tell(found: Mapping[str, Any]) -> None:
    from rich.text import Text

    from graven.cli.output import console

    out = console()
    out.print(Text(f"{found['repository']}@{found['digest']}", "bold"))
    tags = f", tagged {', '.join(found['tags'])}" if found["tags"] else ""
    out.print(
        Text(f"{found['kind']} of {found['size']} bytes in {found['layers']} layers{tags}, pushed {found['time']}")
    )
    for title, rows in _sections(found):
        out.print()
        out.print(Text(title, "bold"))
        for words, tone in rows or [("none", "")]:
            out.print(Text(f"  {words}", _STYLES.get(tone, "")))


def _sections(found: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    inside = found["inventory"]
    contents = [] if inside is None else [(f"{count} {kind}", "") for kind, count in inside["kinds"]]
    unseen = [] if inside is None else [(line, "warn") for line in inside["unseen"]]
    decisions = [
        (f"{one['stage']}: {one['verdict']} ({reason['message']})", reason["tone"])
        for one in found["decisions"]
        for reason in one["reasons"]
    ]
    evidence = [
        (
            f"{one['what']}: {one['standing']}{' by ' + one['by'] if one['by'] else ''} {one['why']}".rstrip(),
            one["tone"],
        )
        for one in found["evidence"]
    ]
    events = [
        (f"{one['time'][:19]}  {one['title']}  {one['more']} {one['reason']}".rstrip(), one["tone"])
        for one in found["events"]
    ]
    return [
        ("where it stands", [(place["words"], place["tone"]) for place in found["standing"]]),
        ("what is inside", contents + unseen),
        ("decisions", decisions),
        ("evidence", evidence),
        ("its life, newest first", events),
    ]
