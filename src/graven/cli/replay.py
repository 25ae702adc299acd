"""``graven replay``: computes a past decision again, from its evidence, in this process, without the stored verdict."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, console, emit
from graven.cli.policies import read_file, read_policy
from graven.cli.verdict import EXIT

if TYPE_CHECKING:
    from graven.decide.policy import PolicySet
    from graven.values import Digest

__all__ = ["HELP", "configure", "run"]

HELP = """Compute a past decision again, from its evidence, in this process.

Fetches the decision's record and, by digest, all that it rests on; verifies the signatures, matches the advisories and
answers the question again, and holds both results against the record, byte for byte. The stored question and verdict
are not read. Exit codes: 0 the same bytes, 1 others.

With --policy the question of then is answered by the policy set in a folder instead: what would it have refused? Exit
codes are then those of decide.

examples:
  graven replay sha256:0000000000000000000000000000000000000000000000000000000000000000
  graven replay sha256:0000000000000000000000000000000000000000000000000000000000000000 --policy policies/
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("decision", metavar="DECISION", help="digest of the decision's record")
    parser.add_argument("--save", metavar="DIR", help="write question.json and verdict.json, as computed here, to DIR")
    parser.add_argument("--question", metavar="FILE", help="answer the question in FILE instead of the one of then")
    parser.add_argument("--policy", metavar="FOLDER", help="answer by the policy set in FOLDER (see graven stages)")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Compute both results again, and compare."""
    from graven.decide.record import Record
    from graven.decide.replay import replay
    from graven.values import Digest

    with Client.of(args) as client:
        fetch = _fetch(client, args.decision)
        name = Digest.parse(args.decision)
        data = fetch(name)
        name.check(data)
        record = Record.decode(data)
        question = read_file(args.question) if args.question else None
        found = replay(record, fetch, question=question, policy=_policy(args.policy))
    if args.save:
        _save(args.save, found.question, found.verdict)
    document = {"decision": args.decision, "outcome": record.outcome, **found.value()}
    if args.policy:
        emit(args, document, lambda: _compare(document))
        return EXIT[found.outcome]
    emit(args, document, lambda: _show(document))
    return 0 if found.agrees else 1


def _fetch(client: Client, decision: str) -> Callable[[Digest], bytes]:
    kept: dict[Digest, bytes] = {}

    def fetch(digest: Digest) -> bytes:
        if digest not in kept:
            kept[digest] = client.get_bytes(f"/api/v1/decisions/{decision}/objects/{digest}")
        return kept[digest]

    return fetch


def _policy(folder: str | None) -> PolicySet | None:
    from graven.decide.policy import PolicySet

    return PolicySet.parse(read_policy(folder)) if folder else None


def _save(folder: str, question: bytes, verdict: bytes) -> None:
    from pathlib import Path

    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    (target / "question.json").write_bytes(question)
    (target / "verdict.json").write_bytes(verdict)


def _show(document: dict[str, Any]) -> None:
    out = console()
    for part in ("question", "verdict"):
        found = document[part]
        out.print(f"{part:<9}{'the same bytes' if found['agrees'] else 'OTHER BYTES'}  {found['digest']}")
    for difference in document["differences"]:
        out.print(f"note: {difference}", markup=False)
    out.print(f"decision {document['decision']} was {document['outcome']}")


def _compare(document: dict[str, Any]) -> None:
    out = console()
    out.print(f"then {document['outcome']}, by this policy set {document['outcome_now']}")
    for reason in document["reasons"]:
        out.print(f"  {reason['rule'] or 'policy'}: {reason['message']}", markup=False)
