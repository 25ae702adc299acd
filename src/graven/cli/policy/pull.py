"""``graven policy pull``: fetches policies from a registry into a folder, once their proof was seen."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graven.cli.client import add_server
from graven.cli.output import add_output, emit
from graven.cli.registries import add_registry
from graven.cli.remotes import add_trust, fetch, files, reference
from graven.errors import Conflict, Unavailable

__all__ = ["HELP", "configure", "run"]

HELP = """Fetch policies from a registry into a folder: those that 'graven policy push', conftest or OPA's tools sent.

They count if a key that is named signed their digest, or if the reference names the digest; otherwise nothing is
written. A file of another content that is there already is left alone, and nothing is written at all; --force
replaces it.

examples:
  graven policy pull oci://registry.example:5000/policies/base:1.0 policies --policy-key release.pub
  graven policy pull policies/base@sha256:<digest>
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("reference", metavar="REF", help="[oci://][HOST:PORT/]NAME[:TAG|@DIGEST]")
    parser.add_argument("folder", nargs="?", default="policy", metavar="DIR", help="where to (policy)")
    parser.add_argument("--force", action="store_true", help="replace files that are there")
    add_trust(parser)
    add_registry(parser)
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Fetch, verify, write."""
    found = fetch(args, args.reference)
    written = files(found)
    _write(Path(args.folder), written, force=args.force)
    wanted = reference(args.reference)
    pinned = f"oci://{wanted.host + '/' if wanted.host else ''}{wanted.repository}@{found.digest}"
    done = {
        "reference": args.reference,
        "digest": str(found.digest),
        "pinned": pinned,
        "key": found.key,
        "revision": found.revision,
        "files": sorted(written),
        "folder": args.folder,
    }
    emit(args, done, lambda: _show(done))
    return 0


def _show(done: dict[str, Any]) -> None:
    signed = f"signed by {done['key'][:16]}…" if done["key"] else "no signature asked for"
    sys.stdout.write(f"{done['pinned']}  ({signed})\n{len(done['files'])} files in {done['folder']}\n")


def _write(folder: Path, wanted: Mapping[str, bytes], *, force: bool) -> None:
    """Write the files; whoever reads one while it is written sees it whole.

    Raises:
        Conflict: another file is there.
        Unavailable: one cannot be written.
    """
    try:
        if not force:
            _nothing_else(folder, wanted)
        for path, data in wanted.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.parent.resolve() != (folder.resolve() / Path(path).parent):
                raise Conflict("a link leads out of the folder", where=str(target), hint="take the link away")
            partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
            partial.write_bytes(data)
            partial.replace(target)
    except OSError as e:
        raise Unavailable(f"cannot write the policies: {e.strerror}", where=str(folder)) from e


def _nothing_else(folder: Path, wanted: Mapping[str, bytes]) -> None:
    others = [path for path, data in wanted.items() if _other(folder / path, data)]
    if others:
        raise Conflict(
            f"{', '.join(others[:5])}: there already, with another content",
            where=str(folder),
            hint="choose another folder, or replace them with --force",
        )


def _other(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() != data
    except FileNotFoundError:
        return False
