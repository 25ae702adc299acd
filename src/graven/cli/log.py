"""What ``graven audit`` verifies with no server's help: a whole log from files or over HTTP, and one event's proof."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.errors import Forbidden, Malformed, Mismatch, NotFound, Unauthenticated

if TYPE_CHECKING:
    from graven.ledger.audit import Finding
    from graven.ledger.note import VerifierKey

__all__ = ["check", "key_text", "keys_of", "verify"]

UNWITNESSED = "UNWITNESSED"

# The reader of the log's files, whether entries can be read, and if not why
_Source = tuple[Callable[[str], bytes | None], bool, str]


def verify(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Verify a log; give what was found as a document, and the exit code.

    Raises:
        GravenError: it could not be decided.
    """
    with ExitStack() as held:
        return _verified(args, _source(args, held))


def _verified(args: argparse.Namespace, source: _Source) -> tuple[dict[str, Any], int]:
    from graven.ledger.audit import audit
    from graven.ledger.checkpoint import opened
    from graven.ledger.tiles import CHECKPOINT

    read, entries, why = source
    note = read(CHECKPOINT)
    if note is None:
        raise NotFound("the log has no checkpoint: nothing was sealed", where=args.log)
    keys = keys_of(args)
    last = _bytes(args.last) if args.last else None
    if last is not None:
        opened(last, keys or None)  # what the verifier holds must be right before anything is held against it
    order = _Order()
    try:
        found = audit(
            read, keys=keys, last=last, entries=entries, check=order.check, note=note, besides=_listed(args.log)
        )
    except (Mismatch, Malformed, NotFound) as e:
        return {"verified": False, "log": args.log, "fault": {"message": e.message, "where": e.where}}, 1
    if args.save:
        Path(args.save).write_bytes(found.note)
    return _told(args.log, found, why), 0


def check(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Check a ``.tlog-proof``; give what it proves.

    Raises:
        Malformed: it is no proof, or has no entry in it.
    """
    from graven.ledger.proof import Proof
    from graven.values import canonical

    proof = Proof.parse(_bytes(args.file))
    entry = _bytes(args.entry) if args.entry else proof.extra
    if entry is None:
        raise Malformed("the proof has no entry in it", where=args.file, hint="give --entry FILE")
    keys = keys_of(args)
    try:
        head = proof.check(entry, keys or None)
    except Mismatch as e:
        return {"verified": False, "fault": {"message": e.message, "where": e.where}}, 1
    told = {"verified": True, "origin": head.origin, "size": head.size, "position": proof.index}
    return {**told, "signed_by": str(keys[0]) if keys else None, "event": canonical.loads(entry)}, 0


def keys_of(args: argparse.Namespace) -> tuple[VerifierKey, ...]:
    """Read the keys that the verifier holds."""
    from graven.ledger.note import VerifierKey

    return tuple(VerifierKey.parse(key_text(given)) for given in args.key or ())


def key_text(given: str) -> str:
    """Give a verifier key that was given as it is, or in a file."""
    return _bytes(given).decode(errors="replace") if Path(given).is_file() else given


def _source(args: argparse.Namespace, held: ExitStack) -> _Source:
    """Give the reader of the log's files, whether entries can be read, and if not why."""
    if args.log.startswith(("http://", "https://")):
        return _over_http(args, held)
    folder = _folder(args.log)
    if not folder.is_dir():
        raise NotFound(f"there is no folder {args.log}", where=args.log, hint="give a data folder, its log/, or a URL")
    return (lambda path: _file(folder / path)), True, ""


def _folder(log: str) -> Path:
    folder = Path(log)
    return folder / "log" if not (folder / "checkpoint").exists() and (folder / "log").is_dir() else folder


def _listed(log: str) -> list[str]:
    """List the partial tiles in a folder; over HTTP there is no list, and nothing that could be asked for one."""
    if log.startswith(("http://", "https://")):
        return []
    folder = _folder(log)
    return [file.relative_to(folder).as_posix() for file in folder.glob("tile/**/*.p/*")]


def _over_http(args: argparse.Namespace, held: ExitStack) -> _Source:
    from graven.cli.client import Client, token_of

    url = args.log.rstrip("/").removesuffix("/checkpoint").removesuffix("/log")
    token = token_of()
    ca_file = args.ca_file or os.environ.get("GRAVEN_CA_FILE")
    client = held.enter_context(Client(url, token=token, ca_file=ca_file))

    def read(path: str) -> bytes | None:
        try:
            return client.get_bytes(f"/log/{path}")
        except NotFound:
            return None

    if not token:
        return read, False, "GRAVEN_TOKEN is not set"
    try:
        client.get("/api/v1/audit/entries", after=str(10**17), limit=1)
    except (Forbidden, Unauthenticated) as e:
        return read, False, e.message
    return read, True, ""


def _file(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _bytes(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as e:
        raise NotFound(f"the file cannot be read: {e.strerror}", where=name) from e


def _told(log: str, found: Finding, why: str) -> dict[str, Any]:
    head = found.checkpoint
    witnesses = [str(key) for key in found.signers if key.witnesses]
    log_keys = [str(key) for key in found.signers if not key.witnesses]
    witnessed = bool(witnesses) or found.consistent_with is not None
    return {
        "verified": True,
        "log": log,
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
        "signed_by": next(iter(log_keys), None),
        "entries": "verified" if found.entries else f"not read: {why}",
        "extends": found.consistent_with,
        "witnesses": witnesses,
        "standing": "witnessed" if witnessed else UNWITNESSED,
    }


@dataclass
class _Order:
    """Checks what entries mean: each is an event, written canonically, and none is earlier than the one before."""

    last: str = ""

    def check(self, _: int, leaf: bytes) -> None:
        """Check the next entry.

        Raises:
            Malformed: it is no event in canonical form.
            Mismatch: it says that it is earlier than the one before.
        """
        from graven.values import canonical
        from graven.values.entry import Entry

        entry = Entry.decode(leaf)
        if canonical.dumps(canonical.loads(leaf)) != leaf:
            raise Malformed("it is not canonical JSON")
        if entry.time <= self.last:
            raise Mismatch(f"its time {entry.time} is not behind {self.last}, the time of the one before")
        self.last = entry.time
