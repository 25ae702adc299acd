"""Open the log at the start of a server: finish what a crash left, name the log, and say in it which key signs it."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from graven.errors import Malformed
from graven.flows.seal import Seal
from graven.ledger.note import VerifierKey
from graven.ports import Entries, Journal, Signer, Tables
from graven.ports.log import Head, LogFiles
from graven.values import SYSTEM
from graven.values.events import Body, Event, KeyCreated, KeyRetired

__all__ = ["open_log"]


async def open_log(
    *, journal: Journal, entries: Entries, tables: Tables, head: Head, files: LogFiles, signer: Signer
) -> Seal:
    """Give the seal of the log, recovered.

    The log's name is that of its first key, and stays when the key is another.

    Raises:
        Unavailable: the database is older than the published log, or another's.
        Mismatch: the files of the log are not those that were signed.
    """
    raw, fingerprint = _public(signer.public_pem)
    rows = await tables.scan("keys", ("log",))
    named = sorted((str(row["since"]), str(row["public"])) for _, row in rows)
    name = VerifierKey.parse(named[0][1]).name if named else f"graven/log/{fingerprint[:16]}"
    key = VerifierKey.of(name, raw)
    seal = Seal(entries=entries, head=head, files=files, signer=signer, key=key)
    await seal.recover()
    standing = {str(where[1]) for where, row in rows if row["until"] is None}
    if fingerprint not in standing:
        retired = [KeyRetired("log", other) for other in sorted(standing)]
        bodies: list[Body] = [*retired, KeyCreated("log", fingerprint, str(key))]
        await journal.append(*(Event(body, SYSTEM.principal) for body in bodies))
    return seal


def _public(pem: bytes) -> tuple[bytes, str]:
    """Give the 32 bytes of the key, and its fingerprint: SHA-256 of its SubjectPublicKeyInfo."""
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise Malformed(f"got a key of another kind ({type(key).__name__}), expected Ed25519", where="log key")
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw), hashlib.sha256(info).hexdigest()
