"""The doors through which flows reach the world: Protocols of one to four verbs. Adapters stand in stores and engines.

Contracts that hold for every adapter (``tests/contract`` runs them on each):

- What a verb that returns has written is durable: it survives the death of the process and of the machine.
- An adapter raises the families of ``graven.errors`` and nothing else; what it stands on is ``Unavailable``.
- Nothing is half-written: a reader sees all of a change, or none.
"""

from __future__ import annotations

from graven.ports.journal import Entries, Journal, Receipt, Tables
from graven.ports.objects import CancellableUploads, ObjectReader, ObjectRemover, ObjectWriter, Uploads
from graven.ports.world import Cache, Clock, Entropy, Feed, Names, Signer

__all__ = [
    "Cache",
    "CancellableUploads",
    "Clock",
    "Entries",
    "Entropy",
    "Feed",
    "Journal",
    "Names",
    "ObjectReader",
    "ObjectRemover",
    "ObjectWriter",
    "Receipt",
    "Signer",
    "Tables",
    "Uploads",
]
