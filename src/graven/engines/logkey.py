"""The log's own Ed25519 key in the folder of keys: made at first start, mode 0600, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from graven.errors import Malformed, Unavailable
from graven.ports import Entropy

__all__ = ["LogKey"]

_NAME = "log.pem"


class LogKey:
    """The port's Signer."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def of(cls, folder: Path, *, entropy: Entropy) -> LogKey:
        """Load the key of a folder, or make it.

        Raises:
            Unavailable: the file cannot be read or written.
            Malformed: it holds no Ed25519 key in PEM.
        """
        file = folder / _NAME
        try:
            if not file.exists():
                _make(file, entropy(32))
            found = load_pem_private_key(file.read_bytes(), None)
        except OSError as e:
            raise Unavailable(f"the log's key cannot be reached: {e.strerror}", where=str(file)) from e
        except (ValueError, TypeError) as e:
            raise Malformed(f"got no private key in PEM: {e}", where=str(file)) from e
        if not isinstance(found, Ed25519PrivateKey):
            raise Malformed(f"got a key of another kind ({type(found).__name__}), expected Ed25519", where=str(file))
        return cls(found)

    @property
    def public_pem(self) -> bytes:
        """The public half; see the port."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    async def sign(self, message: bytes) -> bytes:
        """Sign; see the port."""
        return self._key.sign(message)


def _make(file: Path, seed: bytes) -> None:
    pem = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as opened:
        opened.write(pem)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
