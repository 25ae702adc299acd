"""``graven push``: sends an OCI layout to a registry, or publishes a generic file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from graven.cli.client import add_server
from graven.cli.files import publish
from graven.cli.output import add_output, emit
from graven.cli.progress import bar
from graven.cli.registries import add_registry, registry_of
from graven.errors import Mismatch
from graven.values import Reference

__all__ = ["HELP", "configure", "run"]

HELP = """Send an image layout or a file.

SRC is an OCI image layout (a folder, or a tar of one), as 'skopeo copy … oci:DIR:TAG' writes it; it goes to any
registry. With --file it is any file, published once under REPOSITORY/NAME:VERSION of the server of GRAVEN_URL.

examples:
  graven push ./image app/web:1.0
  graven push ./image registry.example:5000/app/web:1.0
  graven push --file dist/tool.tar.gz tools/tool:2.1
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("source", metavar="SRC", type=Path)
    parser.add_argument("reference", metavar="REF", help="[HOST:PORT/]NAME:TAG, or REPOSITORY/NAME:VERSION with --file")
    parser.add_argument("--file", action="store_true", help="publish SRC as a generic file")
    parser.add_argument("--name", default="", help="the tag inside the layout, where it holds several")
    add_registry(parser)
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Send it."""
    done = publish(args) if args.file else _layout(args)
    emit(args, done, lambda: _show(done))
    return 0


def _show(done: dict[str, Any]) -> None:
    sys.stdout.write(f"{done['reference']}\n{done['digest']}\n")


def _layout(args: argparse.Namespace) -> dict[str, Any]:
    from graven.engines.layout import open_layout
    from graven.engines.transfer import send, weight

    wanted = Reference.parse(args.reference)
    with open_layout(args.source) as layout, registry_of(args, wanted.host) as registry:
        root = layout.root(args.name)
        if wanted.digest not in (None, root.digest):
            raise Mismatch(f"got a layout of {root.digest}, expected {wanted.digest}", where=str(args.source))
        target = wanted.tag or str(root.digest)
        with bar(f"push {wanted.repository}", weight(layout, root)) as progress:
            moved = send(layout, root, registry, wanted.repository, target, progress=progress)
    return {
        "reference": args.reference,
        "digest": str(root.digest),
        "media_type": root.media_type,
        "manifests": moved.manifests,
        "blobs": moved.blobs,
        "size": moved.size,
    }
