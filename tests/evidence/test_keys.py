from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from random import Random

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.signed import key
from graven.errors import Forbidden, GravenError, Malformed, Unsupported
from graven.evidence import keys
from graven.evidence.keys import PrivateKey, PublicKey

SAME = Random(3).randbytes  # noqa: S311 - the same each time
MESSAGE = b"what is signed"
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PEM = serialization.Encoding.PEM


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return keys.seal(key(), b"right", entropy=SAME)


def test_a_key_file_opens_with_its_password(sealed: bytes) -> None:
    assert sealed.startswith(b"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n")
    assert keys.unseal(sealed, b"right").pem == key().pem


def test_a_key_file_does_not_open_with_another_password(sealed: bytes) -> None:
    with pytest.raises(Forbidden, match="does not open"):
        keys.unseal(sealed, b"wrong")


def test_the_password_may_be_empty() -> None:
    sealed = keys.seal(key(), b"", entropy=SAME)
    assert keys.unseal(sealed, b"").pem == key().pem


def test_the_older_label_is_read(sealed: bytes) -> None:
    assert keys.unseal(sealed.replace(b"SIGSTORE", b"COSIGN"), b"right").pem == key().pem


def _with(sealed: bytes, old: bytes, new: bytes) -> bytes:
    begin, *lines, end = sealed.strip().split(b"\n")
    body = b64decode(b"".join(lines))
    assert old in body
    return b"\n".join([begin, b64encode(body.replace(old, new)), end])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"N":65536', b'"N":1073741824'),
        (b'"N":65536', b'"N":2'),
        (b'"N":65536', b'"N":"65536"'),
        (b'"r":8', b'"r":9'),
        (b"nacl/secretbox", b"none"),
        (b'"scrypt"', b'"sha256"'),
        (b'"salt":"', b'"salt":"!'),
        (b'"nonce"', b'"once"'),
        (b'"params":{', b'"params":7,"other":{'),
    ],
)
def test_a_key_file_with_other_parameters_is_refused_before_any_work(sealed: bytes, old: bytes, new: bytes) -> None:
    with pytest.raises(Malformed):
        keys.unseal(_with(sealed, old, new), b"right")


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_what_is_no_key_file_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        keys.unseal(data, b"")
    with pytest.raises(GravenError):
        PublicKey.parse(data)
    with pytest.raises(Malformed):
        PrivateKey.parse(data)


def test_the_fingerprint_is_the_hash_of_the_public_key_and_the_hint_is_the_same_in_base64() -> None:
    public = key().public
    assert public.fingerprint == hashlib.sha256(public.der).hexdigest()
    assert b64decode(public.hint).hex() == public.fingerprint


@pytest.mark.parametrize(
    ("curve", "algorithm", "wrong"),
    [
        (ec.SECP256R1(), hashes.SHA256(), hashes.SHA384()),
        (ec.SECP384R1(), hashes.SHA384(), hashes.SHA256()),
        (ec.SECP521R1(), hashes.SHA512(), hashes.SHA256()),
    ],
)
def test_the_hash_belongs_to_the_curve(
    curve: ec.EllipticCurve, algorithm: hashes.HashAlgorithm, wrong: hashes.HashAlgorithm
) -> None:
    private = ec.generate_private_key(curve)
    public = PublicKey.parse(private.public_key().public_bytes(PEM, SPKI))
    assert public.verifies(private.sign(MESSAGE, ec.ECDSA(algorithm)), MESSAGE)
    assert not public.verifies(private.sign(MESSAGE, ec.ECDSA(wrong)), MESSAGE)


def test_rsa_and_ed25519_verify_and_a_padding_of_another_kind_does_not() -> None:
    private = rsa.generate_private_key(65537, 2048)
    public = PublicKey.parse(private.public_key().public_bytes(PEM, SPKI))
    assert public.verifies(private.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256()), MESSAGE)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH)
    assert not public.verifies(private.sign(MESSAGE, pss, hashes.SHA256()), MESSAGE)
    edwards = ed25519.Ed25519PrivateKey.generate()
    public = PublicKey.parse(edwards.public_key().public_bytes(PEM, SPKI))
    assert public.verifies(edwards.sign(MESSAGE), MESSAGE)
    assert not public.verifies(edwards.sign(MESSAGE), MESSAGE + b".")
    assert not public.verifies(b"", MESSAGE)


def test_weak_and_foreign_kinds_of_keys_are_unsupported() -> None:
    others = (
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(65537, 1024),  # noqa: S505 - it is refused
        dsa.generate_private_key(2048),
    )
    for one in others:
        with pytest.raises(Unsupported, match="expected ECDSA P-256"):
            PublicKey.parse(one.public_key().public_bytes(PEM, SPKI))


def test_only_a_p256_key_signs() -> None:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    for other in (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
        with pytest.raises(Malformed, match="expected ECDSA P-256"):
            PrivateKey.parse(other.private_bytes(PEM, form, none))


def test_a_plain_key_that_is_encrypted_is_no_plain_key() -> None:
    locked = key().key.private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    with pytest.raises(Malformed, match="without a password"):
        PrivateKey.parse(locked)


@given(message=st.binary(max_size=100), at=st.integers(0, 10**6), bit=st.integers(0, 7))
@settings(max_examples=100)
def test_a_signature_verifies_and_none_that_was_changed_does(message: bytes, at: int, bit: int) -> None:
    private = key()
    signature = private.sign(message)
    assert private.public.verifies(signature, message)
    assert not key(2).public.verifies(signature, message)
    changed = bytearray(signature)
    changed[at % len(changed)] ^= 1 << bit
    assert not private.public.verifies(bytes(changed), message)
