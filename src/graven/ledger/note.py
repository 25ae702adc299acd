r"""Signed notes (c2sp.org/signed-note): text, a blank line, signature lines; and verifier keys. Ed25519 only.

The private half stands behind ``graven.ports.Signer``; here are the bytes to sign, and the checks.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from graven.errors import Malformed, Mismatch

__all__ = ["MAX_SIGNATURES", "Note", "Signature", "VerifierKey"]

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_SIGNATURES = 64
"""C2SP: "Verifiers MUST support at least 16 signatures"."""
_MAX_NOTE = 1 << 20
_KEY_BYTES = 32
_NAME = re.compile(r"[^\s+]+")
_LINE = re.compile("— ([^\\s+]+) ([A-Za-z0-9+/=]+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name, as its holders write it: ``name+hex(id)+base64(type||key)``.

    >>> key = VerifierKey.of("example.com/log", bytes(32))
    >>> VerifierKey.parse(str(key)) == key
    True
    """

    name: str
    kind: int
    key: bytes

    @classmethod
    def of(cls, name: str, key: bytes) -> VerifierKey:
        """Name an Ed25519 public key.

        Raises:
            Malformed: the name has a space or a plus, or the key another length.
        """
        if not _NAME.fullmatch(name) or len(key) != _KEY_BYTES:
            raise Malformed(
                f"got the key name {name[:80]!r} and {len(key)} bytes, expected no spaces, no plus, 32 bytes"
            )
        return cls(name, ED25519, key)

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a verifier key.

        Raises:
            Malformed: not of that form, of an algorithm that is not known, or with an id that is not its own.
        """
        parts = text.strip().split("+", 2)
        wanted = "NAME+HEX+BASE64, as graven audit key prints it"
        try:
            name, identity, encoded = parts
            data = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as e:
            raise Malformed(f"got {text[:120]!r}, expected {wanted}", where="key") from e
        if len(data) != 1 + _KEY_BYTES or data[0] not in (ED25519, COSIGNATURE) or not _NAME.fullmatch(name):
            raise Malformed(f"got {text[:120]!r}, expected an Ed25519 key: {wanted}", where="key")
        found = cls(name, data[0], data[1:])
        if found.id.hex() != identity:
            raise Malformed(f"got the key id {identity[:16]!r}, expected {found.id.hex()} for this key", where="key")
        return found

    @property
    def witnesses(self) -> bool:
        """Whether it is a witness's, which signs that it saw no other history."""
        return self.kind == COSIGNATURE

    @property
    def id(self) -> bytes:
        """The four bytes that a signature begins with."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:4]

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Tell whether this key made the signature (without the id) over a note's text."""
        if self.kind == COSIGNATURE:
            time, signature = signature[:8], signature[8:]
            text = b"cosignature/v1\ntime %d\n" % int.from_bytes(time, "big") + text
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text)
        except InvalidSignature:
            return False
        return True

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.kind]) + self.key).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    blob: bytes
    """Key id, then the signature."""

    def __str__(self) -> str:
        return f"— {self.name} {base64.b64encode(self.blob).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Read a note; its signatures are not checked yet.

        Raises:
            Malformed: not of that form.
        """
        where = "signed note"
        if len(data) > _MAX_NOTE:
            raise Malformed(f"got {len(data)} bytes, at most {_MAX_NOTE}", where=where)
        try:
            whole = data.decode()
        except UnicodeDecodeError as e:
            raise Malformed(f"not UTF-8 at byte {e.start}", where=where) from e
        head, blank, tail = whole.rpartition("\n\n")
        lines = tail.split("\n")
        if not blank or not head or lines.pop() or _CONTROL.search(whole):
            raise Malformed("got no text, blank line and signature lines, each ended by a newline", where=where)
        if not 1 <= len(lines) <= MAX_SIGNATURES:
            raise Malformed(f"got {len(lines)} signatures, expected 1 to {MAX_SIGNATURES}", where=where)
        return cls(head + "\n", tuple(_signature(line) for line in lines))

    def signed(self, key: VerifierKey, signature: bytes) -> Note:
        """Add a signature."""
        return Note(self.text, (*self.signatures, Signature(key.name, key.id + signature)))

    def encode(self) -> bytes:
        """Write the note."""
        return (self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)).encode()

    def verified(self, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
        """Say which of these keys signed; keys that are not known are passed over.

        Raises:
            Mismatch: a signature of a known key is bad: then nothing of the note counts.
        """
        text, found = self.text.encode(), []
        for signature in self.signatures:
            for key in keys:
                if (signature.name, signature.blob[:4]) != (key.name, key.id):
                    continue
                if not key.verifies(signature.blob[4:], text):
                    raise Mismatch(f"the signature of {key.name} is not over this text", where="signed note")
                found.append(key)
        return tuple(dict.fromkeys(found))


def _signature(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    try:
        blob = base64.b64decode(match[2], validate=True) if match else b""
    except binascii.Error:
        blob = b""
    if not match or len(blob) < 5 or base64.b64encode(blob).decode() != match[2]:
        raise Malformed(f"got the signature line {line[:120]!r}, expected — NAME BASE64", where="signed note")
    return Signature(match[1], blob)
