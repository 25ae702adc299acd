"""``graven audit``: verifies the log offline, proves and lists events, seals, and rebuilds a lost database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit, table
from graven.errors import NotFound

__all__ = ["HELP", "configure", "run"]

HELP = """Verify the log, prove an event, seal, rebuild.

verify and check need no server: verify reads a data folder, its log/ folder or a URL; check reads a .tlog-proof file.
Hold the log's key (graven audit key) and a checkpoint that you saw before (--save) yourself: without the one nobody
knows who signed, and without the other, or a witness's key, the log is UNWITNESSED: others may see another history.

examples:
  graven audit key > log.vkey
  graven audit verify ./data --key log.vkey --save seen
  graven audit verify http://127.0.0.1:7331 --key log.vkey --last seen
  graven audit log --limit 20
  graven audit seal
  graven audit proof 7 > event.tlog-proof
  graven audit check event.tlog-proof --key log.vkey
  graven audit rebuild --data ./data --replace
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verify = verbs.add_parser("verify", help="verify a whole log: entries, tiles, checkpoint, history")
    verify.add_argument("log", metavar="DIR|URL", help="a data folder, its log/ folder, or a server")
    verify.add_argument("--last", metavar="FILE", help="a checkpoint seen before, which the log must extend")
    verify.add_argument("--save", metavar="FILE", help="keep the verified checkpoint, for the next --last")
    verify.add_argument("--ca-file", help="CA certificate of the server")
    verify.set_defaults(work=_verify)
    check = verbs.add_parser("check", help="check a .tlog-proof file")
    check.add_argument("file", help="the proof")
    check.add_argument("--entry", metavar="FILE", help="the entry (default: the one in the proof)")
    check.set_defaults(work=_check)
    for offline in (verify, check):
        words = "a verifier key or a file with one: the log's, or a witness's; may be given several times"
        offline.add_argument("--key", action="append", metavar="VKEY", help=words)
    _configure_online(verbs)
    rebuild = verbs.add_parser("rebuild", help="rebuild a lost database from the sealed log")
    rebuild.add_argument("--data", required=True, type=Path, metavar="DIR", help="the data folder; no server may run")
    rebuild.add_argument("--key", metavar="VKEY", help="the log's key, or a file with it (default: the data folder's)")
    rebuild.add_argument("--replace", action="store_true", help="move a database that is there aside")
    rebuild.set_defaults(work=_rebuild)
    for verb in verbs.choices.values():
        add_output(verb)


def _configure_online(verbs: Any) -> None:
    log = verbs.add_parser("log", help="list events")
    log.add_argument("--after", type=int, default=-1, metavar="POSITION", help="those behind this position")
    log.add_argument("--limit", type=int, default=100, metavar="N", help="so many at most (default: 100)")
    log.set_defaults(work=_log)
    proof = verbs.add_parser("proof", help="write the .tlog-proof of one event")
    proof.add_argument("position", type=int, help="of the event in the log")
    proof.set_defaults(work=_proof)
    verbs.add_parser("seal", help="seal now, and print the checkpoint").set_defaults(work=_seal)
    verbs.add_parser("key", help="print the log's key").set_defaults(work=_key)
    for name in ("log", "proof", "seal", "key"):
        add_server(verbs.choices[name])


def run(args: argparse.Namespace) -> int:
    """Do the verb."""
    work: Callable[[argparse.Namespace], int] = args.work
    return work(args)


def _verify(args: argparse.Namespace) -> int:
    from graven.cli.log import verify

    found, code = verify(args)
    emit(args, found, lambda: _say_verified(found) if found["verified"] else _say_fault(found))
    return code


def _check(args: argparse.Namespace) -> int:
    from graven.cli.log import check

    found, code = check(args)
    emit(args, found, lambda: _say_proved(found) if found["verified"] else _say_fault(found))
    return code


def _say_verified(found: Mapping[str, Any]) -> None:
    signed, extends = found["signed_by"], found["extends"]
    history = f"extends the checkpoint of {extends} entries that you hold"
    if extends is None:
        history = "no earlier checkpoint was given (--last)"
    lines = [
        f"verified   {found['origin']}: {found['size']} entries, root {found['root']}",
        f"signature  {'by ' + signed if signed else 'NOT CHECKED: no --key was given'}",
        f"entries    {found['entries']}",
        f"history    {history}",
        *(f"witness    {witness}" for witness in found["witnesses"]),
    ]
    if found["standing"] != "witnessed":
        lines.append("standing   UNWITNESSED: nothing shows that others were shown the same history")
    sys.stdout.write("\n".join(lines) + "\n")


def _say_fault(found: Mapping[str, Any]) -> None:
    fault = found["fault"]
    sys.stdout.write(f"NOT VERIFIED  {fault['message']}\nfirst fault   {fault['where']}\n")


def _say_proved(found: Mapping[str, Any]) -> None:
    event, signed = found["event"], found["signed_by"]
    lines = [
        f"verified   event {found['position']} of {found['origin']}, under the checkpoint of {found['size']} entries",
        f"signature  {'by ' + signed if signed else 'NOT CHECKED: no --key was given'}",
        f"event      {event.get('time')} {event.get('type')} by {event.get('actor')}: {event.get('outcome')}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _log(args: argparse.Namespace) -> int:
    after = {"after": args.after} if args.after >= 0 else {}
    with Client.of(args) as client:
        found = client.get("/api/v1/audit/entries", limit=args.limit, **after)
    rows = [_row(one["position"], one["event"]) for one in found["events"]]
    emit(args, found, lambda: table(("position", "time", "type", "actor", "outcome", "about"), rows))
    return 0


def _row(position: int, event: Mapping[str, Any]) -> tuple[object, ...]:
    about = next((subject["uri"] for subject in event["subjects"]), "")
    return position, event["time"], event["type"], event["actor"], event["outcome"], about


def _proof(args: argparse.Namespace) -> int:
    with Client.of(args) as client:
        found = client.get_bytes(f"/api/v1/audit/proof/{args.position}").decode()
    emit(args, {"position": args.position, "proof": found}, lambda: _print(found))
    return 0


def _seal(args: argparse.Namespace) -> int:
    with Client.of(args) as client:
        found = client.post("/api/v1/audit/seal")
    emit(args, found, lambda: _print(found["checkpoint"]))
    return 0


def _key(args: argparse.Namespace) -> int:
    with Client.of(args) as client:
        keys = client.get("/api/v1/status")["keys"]
    found = next((one for one in keys if one["purpose"] == "log" and one["until"] is None), None)
    if found is None:
        raise NotFound("the server has no key of the log")
    emit(args, found, lambda: _print(found["public"] + "\n"))
    return 0


def _print(text: str) -> None:
    sys.stdout.write(text)


def _rebuild(args: argparse.Namespace) -> int:
    import asyncio

    from graven.app.rebuilding import rebuilt
    from graven.app.server import now
    from graven.cli.log import key_text

    key = key_text(args.key) if args.key else None
    outcome = asyncio.run(rebuilt(args.data, key=key, replace=args.replace, clock=now))
    head, last = outcome.rebuilt.checkpoint, outcome.rebuilt.last
    document = {
        "size": head.size,
        "root": head.root.hex(),
        "last": last and last.time,
        "ended_well": outcome.rebuilt.ended_well,
        "lost": outcome.lost and [{"position": p, "time": t, "type": kind} for p, t, kind in outcome.lost],
        "old_database": outcome.kept_as and str(outcome.kept_as),
    }
    emit(args, document, lambda: _say_rebuilt(document))
    return 0


def _say_rebuilt(found: Mapping[str, Any]) -> None:
    lines = [f"rebuilt    {found['size']} entries, up to {found['last']}, root {found['root']}"]
    if found["old_database"]:
        lines.append(f"kept       the old database as {found['old_database']}")
    lines += [f"LOST       {one['position']}  {one['time']}  {one['type']}" for one in found["lost"] or ()]
    if found["lost"] is None and found["ended_well"]:
        lines.append("lost       nothing: the server had stopped in good order, and sealed that")
    elif found["lost"] is None:
        lines.append(f"LOST       whatever was journalled from position {found['size']} on, after {found['last']}")
    lines.append("beside     names of principals, unfinished uploads and caches are not in the log")
    sys.stdout.write("\n".join(lines) + "\n")
