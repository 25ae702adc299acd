"""``graven pull``: fetches an artifact into an OCI layout, or a generic file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from graven.cli.client import add_server
from graven.cli.files import fetch as fetch_files
from graven.cli.output import add_output, emit
from graven.cli.progress import bar
from graven.cli.registries import add_registry, registry_of
from graven.values import Reference

__all__ = ["HELP", "configure", "run"]

HELP = """Fetch an artifact by tag or digest.

It is written into DIR as an OCI image layout, from which other tools read ('skopeo copy oci:DIR:TAG …'); every byte is
held against its digest. With --file, REF is REPOSITORY/NAME:VERSION and its files are written into DIR.

examples:
  graven pull app/web:1.0 ./image
  graven pull --file tools/tool:2.1 ./downloads
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("reference", metavar="REF")
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--file", action="store_true", help="fetch generic files")
    add_registry(parser)
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Fetch it."""
    done = fetch_files(args) if args.file else _layout(args)
    emit(args, done, lambda: _show(done))
    return 0


def _show(done: dict[str, Any]) -> None:
    digests = [done["digest"]] if "digest" in done else [f"{one['filename']} {one['digest']}" for one in done["files"]]
    sys.stdout.write("".join(f"{line}\n" for line in (done["folder"], *digests)))


def _layout(args: argparse.Namespace) -> dict[str, Any]:
    from graven.engines.layout import LayoutWriter
    from graven.engines.transfer import fetch

    wanted = Reference.parse(args.reference)
    with registry_of(args, wanted.host) as registry, bar(f"pull {wanted.repository}") as progress:
        writer = LayoutWriter(args.folder)
        moved = fetch(registry, wanted.repository, wanted.target, writer, progress=progress, expect=progress.expect)
    return {
        "reference": args.reference,
        "digest": str(moved.root.digest),
        "media_type": moved.root.media_type,
        "manifests": moved.manifests,
        "blobs": moved.blobs,
        "size": moved.size,
        "folder": str(args.folder),
    }
