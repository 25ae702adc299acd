"""``graven sbom``: tells what is in an artifact, on a server or in an OCI layout on this machine."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit
from graven.cli.references import reference_here
from graven.errors import Malformed

__all__ = ["HELP", "configure", "run"]

HELP = """Tell what is in an artifact, and write CycloneDX and SPDX documents of it.

Without --format it lists the packages found and, first, what was not seen. With --format it writes the document to
standard output. With --attach both documents are signed by the server and attached to the artifact. With --local it
reads an OCI image layout (a folder, or a tar of one) and speaks to no server.

examples:
  graven sbom app/web:1.0
  graven sbom app/web:1.0 --format cyclonedx > web.cdx.json
  graven sbom app/web:1.0 --attach
  graven sbom --local ./image --format spdx
"""
_WIDEST = 40
_COUNTED = ("unread_databases", "unowned_executables", "unowned_archives", "bare_folders", "limits")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("reference", metavar="REF", nargs="?", help="NAME:TAG or NAME@DIGEST")
    which.add_argument("--local", metavar="LAYOUT", type=Path, help="an OCI image layout on this machine")
    parser.add_argument("--name", default="", help="with --local: the tag inside the layout, where it holds several")
    parser.add_argument("--format", choices=("cyclonedx", "spdx"), help="write this document")
    parser.add_argument("--attach", action="store_true", help="sign both documents and attach them")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Tell it, write it, or attach it."""
    if args.local is not None:
        return _local(args)
    path = _path(args)
    with Client.of(args) as client:
        if args.attach:
            done = client.post(f"/api/v1/sbom/{path}/attach")
            emit(args, done, lambda: _list(done))
        elif args.format:
            _write(client.get_bytes(f"/api/v1/sbom/{path}", format=args.format))
        else:
            _tell(args, client.get(f"/api/v1/inventory/{path}"))
    return 0


def _path(args: argparse.Namespace) -> str:
    wanted = reference_here(args)
    return f"{wanted.repository}@{wanted.target}"


def _local(args: argparse.Namespace) -> int:
    from graven.app.offline import bill, inventory
    from graven.engines.layout import open_layout

    if args.attach:
        raise Malformed("got --attach with --local, expected a server to attach to", hint="graven push it first")
    with open_layout(args.local) as layout:
        root = layout.root(args.name)
        found = inventory(layout, root)
        if args.format:
            _write(bill(found, layout, root, args.format))
            return 0
    _tell(args, {"subject": str(root.digest), "inventory": json.loads(found.encode())})
    return 0


def _list(done: dict[str, Any]) -> None:
    sys.stdout.write("".join(f"{one['format']:<10} {one['digest']}\n" for one in done["attached"]))


def _write(document: bytes) -> None:
    sys.stdout.buffer.write(document + b"\n")
    sys.stdout.buffer.flush()


def _tell(args: argparse.Namespace, told: dict[str, Any]) -> None:
    emit(args, told, lambda: _show(told["inventory"]))


def _show(inventory: dict[str, Any]) -> None:
    from graven.cli.output import table

    components, distro = inventory["components"], inventory["distro"]
    release = f"{distro['id']} {distro['version_id']}" if distro else "none that is known"
    sys.stdout.write(f"distribution: {release}\ncomponents:   {len(components)}\n")
    for name in _COUNTED:
        _show_unseen(name, inventory["coverage"])
    table(("type", "package", "version", "licence", "found at"), map(_row, components))


def _row(component: dict[str, Any]) -> tuple[str, ...]:
    from graven.values import Purl

    purl = Purl.parse(component["purl"])
    name = f"{purl.namespace}/{purl.name}" if purl.type == "npm" and purl.namespace else purl.name
    return purl.type, name, purl.version, component.get("licence", "")[:_WIDEST], component.get("path", "")


def _show_unseen(name: str, coverage: dict[str, Any]) -> None:
    rows, omitted = coverage[name], coverage["omitted"].get(name, 0)
    if rows:
        sys.stdout.write(f"not seen:     {name.replace('_', ' ')}, {len(rows) + omitted}\n")
    for row in rows[:5]:
        sys.stdout.write(f"              {row if isinstance(row, str) else row['kind'] + ' at ' + row['path']}\n")
