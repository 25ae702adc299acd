"""At its start the log says which key signs it, once, and keeps its name; a database that is older is not touched."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from graven.engines.keystore import LogSigner
from graven.errors import Malformed, Unavailable
from graven.flows.opening import open_log
from graven.flows.seal import Seal
from graven.ledger.audit import audit
from graven.ledger.note import VerifierKey
from graven.ports import Signer
from graven.values.entry import Entry
from graven.values.events import KeyCreated, KeyRetired
from sealing import SIGNER, Sealed

OTHER = LogSigner(Ed25519PrivateKey.from_private_bytes(b"o" * 32))


async def opened(log: Sealed, signer: Signer = SIGNER) -> Seal:
    return await open_log(
        journal=log.store, entries=log.store, tables=log.store, head=log.head, files=log.files, signer=signer
    )


def bodies(log: Sealed) -> list[object]:
    return [Entry.decode(leaf).event.body for leaf in log.store.leaves]


async def test_a_new_log_says_its_key_once() -> None:
    log = Sealed()
    seal = await opened(log)
    assert (await opened(log)).key == seal.key
    (made,) = bodies(log)
    assert isinstance(made, KeyCreated)
    assert VerifierKey.parse(made.public) == seal.key
    assert seal.key.name == f"graven/log/{made.fingerprint[:16]}"


async def test_another_key_signs_under_the_same_name_and_retires_the_one_before() -> None:
    log = Sealed()
    first = await opened(log)
    old = await first.seal()
    second = await opened(log, OTHER)
    assert (second.key.name, second.key.key) == (first.key.name, OTHER.public_raw)
    assert [type(body) for body in bodies(log)] == [KeyCreated, KeyRetired, KeyCreated]
    await second.seal()
    assert audit(log.files.files.get, keys=(first.key, second.key), last=old).checkpoint.size == 3
    third = await opened(log, OTHER)
    assert (third.key, len(log.store.leaves)) == (second.key, 3)


async def test_a_database_older_than_the_log_is_refused_before_anything_is_written() -> None:
    log = Sealed()
    await (await opened(log)).seal()
    empty = Sealed(kept=log.files.files)
    with pytest.raises(Unavailable, match="older"):
        await opened(empty)
    assert empty.disk.count == 0


async def test_a_key_that_is_not_ed25519_opens_no_log() -> None:
    pem = generate_private_key(65537, 2048).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    class Other:
        public_pem = pem

        async def sign(self, message: bytes) -> bytes:
            return message

    with pytest.raises(Malformed, match="Ed25519"):
        await opened(Sealed(), Other())
