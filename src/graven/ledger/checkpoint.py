"""Checkpoints (c2sp.org/tlog-checkpoint): origin, size and root of a log, as the text of a signed note."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from graven.errors import Malformed, Mismatch
from graven.ledger.note import Note, VerifierKey
from graven.ledger.tree import HASH_BYTES

__all__ = ["Checkpoint", "opened"]

_SIZE = re.compile(r"0|[1-9]\d{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head."""

    origin: str
    """"The origin MUST be non-empty, and it SHOULD be a schema-less URL"."""
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text to sign."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a note; extension lines are passed over.

        Raises:
            Malformed: it is no checkpoint.
        """
        lines = text.split("\n")
        try:
            origin, size, encoded = lines[:3]
            root = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as e:
            raise Malformed("got no origin, size and root, each on a line", where="checkpoint") from e
        if not origin or not _SIZE.fullmatch(size) or len(root) != HASH_BYTES or text[-1] != "\n":
            raise Malformed("got no origin, decimal size and root of 32 bytes, each on a line", where="checkpoint")
        return cls(origin, int(size), root)


def opened(data: bytes, keys: tuple[VerifierKey, ...] | None) -> Checkpoint:
    """Read a signed checkpoint; where keys are given, one of them must have signed it as the log.

    Raises:
        Malformed: it is no signed checkpoint.
        Mismatch: none of the keys signed it, or a known key's signature is bad, or the key is another log's.
    """
    note = Note.parse(data)
    found = Checkpoint.parse(note.text)
    if keys is not None:
        signers = note.verified(keys)
        if not any(key.name == found.origin and not key.witnesses for key in signers):
            asked = ", ".join(str(key) for key in keys)
            made = ", ".join(f"{s.name}+{s.blob[:4].hex()}" for s in note.signatures)
            raise Mismatch(
                f"got a checkpoint of {found.origin} signed by {made}, expected one by {asked}", where="checkpoint"
            )
    return found
