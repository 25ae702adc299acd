"""``graven scan``: matches what is in an artifact, or in an SBOM file, against the server's advisories."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit, table

__all__ = ["HELP", "configure", "run"]

HELP = """Match what is inside against advisories.

The argument is an artifact (NAME:TAG or NAME@DIGEST), or a CycloneDX or SPDX file of this machine. What could not be
matched is told with its reason: it is unknown, and not clean. With --fail-on the exit code is 1 where a finding is at
least that severe or of unknown severity, or where something could not be matched.

  graven scan app/web:1.0
  graven scan app/web:1.0 --fail-on high
  graven scan ./web.cdx.json --output json
"""
_ORDER = ("unknown", "none", "low", "medium", "high", "critical")
_SHOWN = 10
"""So many reasons are shown; the rest is counted."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("what", metavar="REF|FILE", help="an artifact on the server, or an SBOM file of this machine")
    parser.add_argument("--fail-on", choices=_ORDER[2:], metavar="SEVERITY", help="low, medium, high or critical")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Match, tell, and judge by ``--fail-on``."""
    with Client.of(args) as client:
        found = _scan(args.what, client)
    emit(args, found, lambda: _show(found))
    return int(args.fail_on is not None and _fails(found, args.fail_on))


def _scan(what: str, client: Client) -> dict[str, Any]:
    path = Path(what)
    found: dict[str, Any]
    if path.is_file():
        found = client.post_bytes("/api/v1/findings", path.read_bytes(), media_type="application/json")
    else:
        from graven.values import Reference

        wanted = Reference.parse(what)
        found = client.get(f"/api/v1/findings/{wanted.repository}@{wanted.target}")
    return found


def _fails(found: dict[str, Any], bound: str) -> bool:
    bad = {"unknown", *_ORDER[_ORDER.index(bound) :]}
    return bool(found["unknown"] or found["nameless"]) or any(
        finding["severity"] in bad for finding in found["findings"]
    )


def _show(found: dict[str, Any]) -> None:
    findings, unknown = found["findings"], found["unknown"]
    rows = [
        (f["severity"] + (" exploited" if f["kev"] else ""), f["id"], f["purl"], ", ".join(f["fixed"]) or "-")
        for f in findings
    ]
    if rows:
        table(("severity", "advisory", "package", "fixed in"), rows)
    counts = Counter(finding["severity"] for finding in findings)
    told = ", ".join(f"{counts[level]} {level}" for level in reversed(_ORDER) if counts[level]) or "no findings"
    sys.stdout.write(f"{found['components']} components: {told}; advisories of {found['moment']}\n")
    if found["nameless"]:
        sys.stdout.write(f"unknown: {found['nameless']} components without a package URL\n")
    for reason, count in Counter(entry["reason"] for entry in unknown).most_common(_SHOWN):
        example = next(entry["purl"] for entry in unknown if entry["reason"] == reason)
        more = f" and {count - 1} more" if count > 1 else ""
        sys.stdout.write(f"unknown: {example}{more}: {reason}\n")
    if len({entry["reason"] for entry in unknown}) > _SHOWN:
        sys.stdout.write("unknown: more reasons; --output json has them all\n")
