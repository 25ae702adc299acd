"""Private keys, key pairs and chains of certificates, made here and held against what OPA's words promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from graven.rego import EvaluationError, compile_modules, from_json

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = int((START + timedelta(days=1)).timestamp()) * 10**9
CLIENT, SERVER = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.2"), x509.ObjectIdentifier("1.3.6.1.5.5.7.3.1")


class Authority:
    """A certificate with its key."""

    def __init__(self, name: str, above: Authority | None = None, *, depth: int | None = None, ca: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        above = above or self
        builder = x509.CertificateBuilder(above.name, self.name, self.key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(START).not_valid_after(START + timedelta(days=30))
        if ca:
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        else:
            names = x509.SubjectAlternativeName([x509.DNSName("*.example.com")])
            builder = builder.add_extension(names, critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage([SERVER]), critical=False)
        self.pem = builder.sign(above.key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    @property
    def secret(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


ROOT = Authority("root")
MIDDLE = Authority("middle", ROOT)
LEAF = Authority("leaf", MIDDLE, ca=False)
FLAT = Authority("flat", depth=0)
BELOW_FLAT = Authority("leaf", Authority("middle", FLAT), ca=False)


def ask(query: str, value: object, *, now: int = NOW) -> Any:
    """Evaluate a query with an input."""
    found = compile_modules({}).evaluate(f"x := {query}", from_json(value), now_ns=now, strict_builtin_errors=True)
    return found.bindings[0]["x"]


def verify(*chain: Authority, **options: object) -> tuple[bool, list[str]]:
    """Say whether a chain holds, and whom it names."""
    query = "crypto.x509.parse_and_verify_certificates_with_options(input[0], input[1])"
    valid, told = ask(query, ["".join(one.pem for one in chain), options])
    return bool(valid), [one["Subject"]["CommonName"] for one in told]


def test_a_chain_is_told_from_the_leaf_to_the_root() -> None:
    assert verify(ROOT, MIDDLE, LEAF) == (True, ["leaf", "middle", "root"])


@pytest.mark.parametrize(
    ("chain", "options"),
    [
        ((ROOT, LEAF), {}),
        ((FLAT, MIDDLE, LEAF), {}),
        ((LEAF,), {}),
        ((ROOT, MIDDLE, LEAF), {"KeyUsages": ["KeyUsageClientAuth"]}),
        ((ROOT, MIDDLE, LEAF), {"DNSName": "a.b.example.com"}),
        ((ROOT, MIDDLE, LEAF), {"CurrentTime": 0}),
        ((FLAT, BELOW_FLAT), {}),
    ],
)
def test_a_chain_that_breaks_is_not_valid(chain: tuple[Authority, ...], options: dict[str, object]) -> None:
    assert verify(*chain, **options) == (False, [])


def test_a_forged_intermediate_of_the_same_name_does_not_hold() -> None:
    assert verify(ROOT, Authority("middle"), LEAF) == (False, [])


def test_the_time_of_the_evaluation_counts_when_no_option_gives_one() -> None:
    query, text = "crypto.x509.parse_and_verify_certificates(input)[0]", ROOT.pem + MIDDLE.pem + LEAF.pem
    assert ask(query, text)
    assert not ask(query, text, now=NOW + 60 * 86400 * 10**9)


def test_a_usage_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="invalid entries for 'KeyUsages' found"):
        verify(ROOT, MIDDLE, LEAF, KeyUsages=["KeyUsageAll"])


def test_a_key_pair_holds_the_leaf_and_refuses_the_key_of_another() -> None:
    query = "crypto.x509.parse_keypair(input[0], input[1])"
    assert ask(query, [LEAF.pem, LEAF.secret])["Leaf"]["Subject"]["CommonName"] == "leaf"
    with pytest.raises(EvaluationError, match="private key does not match public key"):
        ask(query, [LEAF.pem, ROOT.secret])


def test_private_keys_are_told_in_numbers_and_as_a_web_key() -> None:
    number = LEAF.key.private_numbers().private_value
    assert ask("crypto.parse_private_keys(input)[0].D", LEAF.secret) == number
    assert ask("crypto.x509.parse_rsa_private_key(input).crv", LEAF.secret) == "P-256"
    assert ask("crypto.parse_private_keys(input)", "") is None
    assert ask("crypto.parse_private_keys(input)", LEAF.pem) == ()
