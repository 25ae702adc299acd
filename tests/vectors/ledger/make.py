"""Makes the proofs of this folder: one that is valid, and one for each way to break it, named after the sabotage."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from graven.ledger.checkpoint import Checkpoint
from graven.ledger.note import Note, VerifierKey
from graven.ledger.proof import Proof, inclusion
from graven.ledger.tiles import Edge, Hashes, Tile
from graven.ledger.tree import leaf_hash

HERE = Path(__file__).parent
ORIGIN = "graven.example/log"
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"a key that everybody knows, so..")
KEY = VerifierKey.of(ORIGIN, PRIVATE.public_key().public_bytes_raw())
ENTRIES = [b'{"event":%d}' % n for n in range(300)]
INDEX = 257


def checkpoint(size: int, *, origin: str = ORIGIN, private: Ed25519PrivateKey = PRIVATE) -> bytes:
    head = Checkpoint(origin, size, _hashes(size).root())
    return Note(head.text).signed(replace(KEY, name=origin), private.sign(head.text.encode())).encode()


def proof(index: int, size: int) -> Proof:
    hashes = _hashes(size)
    path = tuple(hashes.range(*one) for one in inclusion(index, size))
    return Proof(index, path, checkpoint(size), ENTRIES[index])


def _hashes(size: int, entries: Sequence[bytes] = ENTRIES) -> Hashes:
    made: dict[Tile, bytes] = dict(Edge().grow([leaf_hash(entry) for entry in entries[:size]]))
    return Hashes(size, made.__getitem__)


def files() -> dict[str, bytes]:
    good = proof(INDEX, 300)
    flipped = bytes([good.hashes[0][0] ^ 1]) + good.hashes[0][1:]
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = good.checkpoint.rpartition(b" ")
    bad = {
        "entry-of-another-index": replace(good, extra=ENTRIES[INDEX + 1]),
        "entry-changed": replace(good, extra=ENTRIES[INDEX] + b" "),
        "index-moved": replace(good, index=INDEX + 1),
        "index-beyond-the-tree": replace(good, index=300),
        "hashes-truncated": replace(good, hashes=good.hashes[:-1]),
        "hashes-lengthened": replace(good, hashes=(*good.hashes, bytes(32))),
        "hashes-swapped": replace(good, hashes=(good.hashes[1], good.hashes[0], *good.hashes[2:])),
        "hashes-flipped": replace(good, hashes=(flipped, *good.hashes[1:])),
        "hashes-gone": replace(good, hashes=()),
        "checkpoint-of-a-smaller-tree": replace(good, checkpoint=checkpoint(299)),
        "checkpoint-of-another-origin": replace(good, checkpoint=checkpoint(300, origin="other.example/log")),
        "checkpoint-size-changed": replace(good, checkpoint=good.checkpoint.replace(b"\n300\n", b"\n301\n")),
        "checkpoint-signed-by-another-key": replace(good, checkpoint=checkpoint(300, private=other)),
        "checkpoint-signature-gone": replace(good, checkpoint=signature[0].rpartition("—".encode())[0]),
    }
    made = {f"{name}.tlog-proof": one.encode() for name, one in bad.items()}
    header = good.encode().replace(b"tlog-proof@v1", b"tlog-proof@v2", 1)
    made["header-of-another-version.tlog-proof"] = header
    made["blank-line-gone.tlog-proof"] = good.encode().replace(b"\n\n", b"\n", 1)
    return made | {"valid.tlog-proof": good.encode(), "key": f"{KEY}\n".encode()}


if __name__ == "__main__":
    for name, data in files().items():
        (HERE / name).write_bytes(data)
    sys.stdout.write(f"{len(files())} files\n")
