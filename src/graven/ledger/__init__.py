"""The tamper-evident log: RFC 6962 tree, C2SP tlog-tiles, checkpoints, proofs. Bytes in, bytes out.

What the entries mean is the matter of ``values``; where tiles and keys lie, that of ``stores`` and ``engines``.
"""

from __future__ import annotations

from graven.ledger.checkpoint import Checkpoint
from graven.ledger.note import VerifierKey
from graven.ledger.tiles import Tile
from graven.ledger.tree import EMPTY_ROOT, leaf_hash

__all__ = ["EMPTY_ROOT", "Checkpoint", "Tile", "VerifierKey", "leaf_hash"]
