"""``graven ls``: what repositories there are, and what tags and files one has."""

from __future__ import annotations

import argparse
from typing import Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit, table
from graven.cli.registries import registry_of
from graven.errors import NotFound
from graven.values import repository_name

__all__ = ["HELP", "configure", "run"]

HELP = """List repositories, or the tags and files of one.

examples:
  graven ls
  graven ls app/web
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("repository", nargs="?", metavar="REPO", help="list the tags and files of this one")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """List."""
    if args.repository is None:
        found = _repositories(args)
        rows = [(one["name"], one["mode"], one["since"]) for one in found]
        emit(args, {"repositories": found}, lambda: table(("repository", "mode", "since"), rows))
        return 0
    name = repository_name(args.repository)
    document = {"repository": name, "tags": _tags(args, name), "files": _files(args, name)}
    emit(args, document, lambda: _show(document))
    return 0


def _repositories(args: argparse.Namespace) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with Client.of(args) as client:
        after: str | None = ""
        while after is not None:
            page = client.get("/api/v1/repositories", after=after, limit=1000)
            found += page["repositories"]
            after = page["next"]
    return found


def _tags(args: argparse.Namespace, name: str) -> list[str]:
    with registry_of(args, None) as registry:
        return list(registry.tags(name))


def _files(args: argparse.Namespace, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with Client.of(args) as client:
        last = ""
        while True:
            page = client.get(f"/files/{name}/", last=last)
            found += page["files"]
            last = page["next"]
            if not last:
                return found


def _show(document: dict[str, Any]) -> None:
    if document["tags"]:
        table(("tag",), [(name,) for name in document["tags"]])
    if document["files"]:
        rows = [(f"{f['name']}:{f['version']}", f["filename"], f["size"], f["digest"]) for f in document["files"]]
        table(("file", "filename", "bytes", "digest"), rows)
    if not document["tags"] and not document["files"]:
        raise NotFound(f"neither tags nor files in {document['repository']!r}", where=document["repository"])
