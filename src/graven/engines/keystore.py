"""graven's own keys, in DIR/keys: made at first start, read back with a check of who else could read them.

    log.key    Ed25519, signs checkpoints            vsa.key    P-256, signs verification summaries and graven's SBOMs
    root.key   P-256, signs the documents that decide until offline keys take its place

PKCS#8 PEM, mode 0600, in a folder of mode 0700. Each stands behind the port ``Signer``, so that each can be remote.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from graven.errors import GravenError, Unavailable
from graven.evidence import keys
from graven.evidence.keys import PrivateKey
from graven.ports import Entropy

__all__ = ["FileSigner", "Keystore", "LogSigner"]


class FileSigner:
    """A P-256 key in a file, behind the port."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    @property
    def public_pem(self) -> bytes:
        """The public half; see the port."""
        return self._key.public.pem

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key."""
        return self._key.public.fingerprint

    async def sign(self, message: bytes) -> bytes:
        """Sign; see the port."""
        return self._key.sign(message)


class LogSigner:
    """The log's Ed25519 key in a file, behind the port."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public_pem(self) -> bytes:
        """The public half; see the port."""
        info = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, info)

    @property
    def public_raw(self) -> bytes:
        """The public half as 32 bytes, as signed notes take it."""
        raw = serialization.Encoding.Raw
        return self._key.public_key().public_bytes(raw, serialization.PublicFormat.Raw)

    async def sign(self, message: bytes) -> bytes:
        """Sign; see the port."""
        return self._key.sign(message)


@dataclass(kw_only=True)
class Keystore:
    """The keys of one data folder."""

    folder: Path
    entropy: Entropy
    log: LogSigner
    vsa: FileSigner
    root: FileSigner

    @classmethod
    def open(cls, folder: Path, *, entropy: Entropy) -> Keystore:
        """Read the keys, making those that are missing.

        Raises:
            Unavailable: a key cannot be read, or others can read it too.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            log = _kept(folder / "log.key", lambda: _ed25519(entropy(32)))
            vsa = _kept(folder / "vsa.key", lambda: keys.generate(entropy).pem)
            root = _kept(folder / "root.key", lambda: keys.generate(entropy).pem)
            return cls(
                folder=folder,
                entropy=entropy,
                log=LogSigner(_read_ed25519(log, folder / "log.key")),
                vsa=FileSigner(_read_p256(vsa, folder / "vsa.key")),
                root=FileSigner(_read_p256(root, folder / "root.key")),
            )
        except OSError as e:
            raise Unavailable(f"the keys cannot be read: {e.strerror}", where=str(folder)) from e

    def rotate_vsa(self) -> str:
        """Make a new key for summaries; give the fingerprint of the old one, which signs no longer."""
        before, made = self.vsa.fingerprint, keys.generate(self.entropy)
        try:
            _write(self.folder / "vsa.key", made.pem)
        except OSError as e:
            raise Unavailable(f"the new key cannot be written: {e.strerror}", where=str(self.folder)) from e
        self.vsa = FileSigner(made)
        return before


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        _write(path, make())
    if path.stat().st_mode & 0o077:
        raise Unavailable("others can read a private key", where=str(path), hint=f"chmod 600 {path}")
    return path.read_bytes()


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}")
    draft.unlink(missing_ok=True)  # what a crash left, or somebody put there for others to read
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(descriptor)
    os.close(descriptor)


def _ed25519(seed: bytes) -> bytes:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return Ed25519PrivateKey.from_private_bytes(seed).private_bytes(serialization.Encoding.PEM, form, none)


def _read_ed25519(pem: bytes, path: Path) -> Ed25519PrivateKey:
    try:
        found = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as e:
        raise Unavailable("the log's key cannot be read", where=str(path)) from e
    if not isinstance(found, Ed25519PrivateKey):
        raise Unavailable("the log's key is no Ed25519 key", where=str(path))
    return found


def _read_p256(pem: bytes, path: Path) -> PrivateKey:
    try:
        return PrivateKey.parse(pem)
    except GravenError as e:
        raise Unavailable(f"a key cannot be read: {e.message}", where=str(path)) from e
