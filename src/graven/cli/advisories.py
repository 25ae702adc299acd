"""``graven advisories``: imports OSV advisories into the server, and says how old they are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit, table
from graven.errors import NotFound

__all__ = ["HELP", "configure", "run"]

HELP = """Import OSV advisories and see how old they are.

What can be imported: OSV's own exports (all.zip, a folder of records), JSON lines (.jsonl, .gz, .zst), one record, and
CISA's list of known exploited vulnerabilities (JSON). A URL is fetched by the server. An import adds to what there is;
a record that was modified later takes the place of the older one. One record that cannot be read refuses the whole.

  graven advisories import advisories/
  graven advisories import npm-all.zip --keep-going
  graven advisories status
"""
_CHUNK = 1 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    bring = verbs.add_parser("import", help="import a folder, a file or a URL")
    bring.add_argument("source", metavar="PATH|URL")
    bring.add_argument("--keep-going", action="store_true", help="skip and count records that cannot be read")
    bring.set_defaults(work=_import)
    verbs.add_parser("status", help="say what there is, and how old it is").set_defaults(work=_status)
    for verb in verbs.choices.values():
        add_server(verb)
        add_output(verb)


def run(args: argparse.Namespace) -> int:
    """Do the verb."""
    with Client.of(args) as client:
        args.work(args, client)
    return 0


def _import(args: argparse.Namespace, client: Client) -> None:
    source, query = args.source, {"keep_going": int(args.keep_going)}
    if source.startswith(("http://", "https://")):
        made = client.post(f"/api/v1/advisories?keep_going={int(args.keep_going)}", {"url": source})
    else:
        body = _body(Path(source))
        made = client.post_bytes(
            "/api/v1/advisories", body, media_type="application/octet-stream", source=Path(source).name, **query
        )
    emit(args, made, lambda: _tell(made))


def _tell(made: dict[str, Any]) -> None:
    for fault in made["faults"]:
        sys.stderr.write(f"graven: skipped: {fault}\n")
    skipped = f", {made['skipped']} skipped" if made["skipped"] else ""
    sys.stdout.write(f"read {made['read']} records, {made['added']} new or newer{skipped}; {made['records']} in all\n")
    sys.stdout.write(f"snapshot {made['snapshot']}\n")


def _status(args: argparse.Namespace, client: Client) -> None:
    current = client.get("/api/v1/advisories")
    emit(args, current, lambda: _show(current))


def _show(current: dict[str, Any]) -> None:
    kev = "with" if current["kev"] else "without"
    sys.stdout.write(f"{current['records']} records, imported {current['moment']} from {current['source']}\n")
    sys.stdout.write(f"newest record of {current['newest']}, {kev} a list of known exploited vulnerabilities\n")
    table(("ecosystem", "records"), sorted(current["ecosystems"].items()))


def _body(path: Path) -> Iterator[bytes]:
    """Give a file in pieces, or a folder as one zip."""
    if path.is_file():
        return _pieces(path)
    if not path.is_dir():
        raise NotFound("no such file or folder of advisories", where=str(path))
    return _zipped(path)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def _zipped(path: Path) -> Iterator[bytes]:
    """Pack a folder's records, wherever in it they stand and however they are packed there, into one zip."""
    import tempfile
    import zipfile

    from graven.engines.feeds import Limits, records

    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "advisories.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, data in records(path, Limits()):
                archive.writestr(f"{name.removeprefix(str(path)).lstrip('/')}.json", data)
        yield from _pieces(packed)
