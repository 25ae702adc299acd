"""Trust: the one room that makes a ``Verified``.

The trust root is a document of keys, each with the identity that it speaks for, when it counts, and for what it may
speak. ``verify`` goes through these steps, and the first that fails is the reason:

1. The signature is a known key's: some key of the trust root verifies it over the signed bytes.
2. Neither that key nor its identity has been revoked.
3. The key was valid when the evidence was received (a signature without a timestamp counts as of its receipt).
4. The key may speak about this repository.
5. The payload can be read, and is about this subject: by digest, and by nothing else.
6. It is a signature (cosign's predicate type, or simple signing), or an attestation of a type that the key may make.

A verified attestation is no signature: only ``https://sigstore.dev/cosign/sign/v1`` and simple signing are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import InitVar, dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Literal

from graven.errors import GravenError, Malformed
from graven.evidence import dsse, simplesigning, statement
from graven.evidence.candidates import Candidate
from graven.evidence.keys import PublicKey
from graven.values import Digest, canonical, parse_moment

__all__ = ["SIGN", "Check", "Rejected", "TrustRoot", "TrustedKey", "Verified", "verify"]

SIGN = "https://sigstore.dev/cosign/sign/v1"
"""The predicate type of a plain signature."""

_SEAL = object()
_KEY_MEMBERS = {"identity", "public", "from", "until", "predicate_types", "repositories", "products"}


@dataclass(frozen=True)
class TrustedKey:
    """A key and what it may speak for."""

    identity: str
    public: PublicKey
    valid_from: str = ""
    """RFC 3339; empty: since ever."""
    valid_until: str = ""
    """RFC 3339; empty: for ever."""
    predicate_types: tuple[str, ...] = ("*",)
    """Patterns of predicate types; a plain signature is of the type ``SIGN``."""
    repositories: tuple[str, ...] = ("*",)
    """Patterns of repositories."""
    products: tuple[str, ...] = ()
    """Patterns of what its VEX statements may speak for: repositories, or packages; none: for nothing."""

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {
            "identity": self.identity,
            "public": self.public.pem.decode(),
            "from": self.valid_from,
            "until": self.valid_until,
            "predicate_types": list(self.predicate_types),
            "repositories": list(self.repositories),
            "products": list(self.products),
        }


@dataclass(frozen=True)
class TrustRoot:
    """The keys that count. Its digest is quoted wherever something was verified with it."""

    keys: tuple[TrustedKey, ...] = ()

    @classmethod
    def parse(cls, data: bytes) -> TrustRoot:
        """Read the document.

        Raises:
            Malformed: it is none; says which key of it.
        """
        return cls.read(canonical.loads(data, where="trust root"))

    @classmethod
    def read(cls, value: Any) -> TrustRoot:
        """Read the JSON value of the document.

        Raises:
            Malformed: it is none; says which key of it.
        """
        keys = value.get("keys") if isinstance(value, Mapping) and set(value) == {"keys"} else None
        if not isinstance(keys, list):
            raise Malformed('got no trust root, expected {"keys": […]}', where="trust root")
        return cls(tuple(_key(member, f"trust root, key {number}") for number, member in enumerate(keys, start=1)))

    def value(self) -> dict[str, Any]:
        """Give the JSON form."""
        return {"keys": [key.value() for key in self.keys]}

    def encode(self) -> bytes:
        """Write the document."""
        return canonical.dumps(self.value())

    @cached_property
    def digest(self) -> Digest:
        """The digest of the document."""
        return Digest.of(self.encode())


@dataclass(frozen=True, slots=True)
class Check:
    """One step of a verification."""

    name: str
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Evidence that went through all steps. Nobody else can make one."""

    kind: Literal["signature", "attestation"]
    predicate_type: str
    predicate: Any
    """The raw JSON value of an attestation; None of a signature."""
    identity: str
    key: str
    """Fingerprint of the key."""
    evidence: Digest
    """The blob that holds it."""
    received_at: str
    subject: Digest
    products: tuple[str, ...] = ()
    """What VEX statements of this identity may speak for."""
    seal: InitVar[object] = None
    """Known to this module alone, and not kept, so that no copy with other members can be made either."""

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a Verified is made by graven.evidence.trust.verify and by nothing else")


@dataclass(frozen=True, slots=True)
class Rejected:
    """Evidence that does not count, with every step that was taken and the one that failed."""

    evidence: Digest
    checks: tuple[Check, ...]

    @property
    def reason(self) -> str:
        """The step that failed, in a sentence."""
        return next((check.reason for check in self.checks if not check.passed), "nothing was checked")


class _Steps:
    """Collects the steps of one verification."""

    def __init__(self) -> None:
        self.taken: list[Check] = []

    def take(self, name: str, *, failed: str) -> bool:
        self.taken.append(Check(name, not failed, failed))
        return not failed


def verify(
    candidate: Candidate,
    *,
    root: TrustRoot,
    subject: Digest,
    repository: str,
    received_at: str,
    revoked: Collection[tuple[str, str]] = (),
) -> Verified | Rejected:
    """Verify a candidate against the trust root, as evidence about a subject in a repository.

    ``revoked`` has pairs of ("key", fingerprint) and ("identity", name).
    """
    failed = Rejected(candidate.evidence, (Check("signature", passed=False, reason=_unknown(candidate, root)),))
    for number, key in enumerate(_signers(candidate, root)):
        found = _verify(candidate, key, (subject, repository, received_at), revoked)
        if isinstance(found, Verified):
            return found
        failed = found if number == 0 else failed
    return failed


def _verify(
    candidate: Candidate, key: TrustedKey, asked: tuple[Digest, str, str], revoked: Collection[tuple[str, str]]
) -> Verified | Rejected:
    """Take steps 2 to 6 for a key that signed. Of several such, one that may speak is enough."""
    subject, repository, received_at = asked
    steps = _Steps()
    steps.take("signature", failed="")
    standing = (
        ("revocation", _revoked(key, revoked)),
        ("validity", _invalid(key, received_at)),
        ("repository", _elsewhere(key, repository)),
    )
    for name, failed in standing:
        if not steps.take(name, failed=failed):
            return Rejected(candidate.evidence, tuple(steps.taken))
    claim = _claim(candidate, subject)
    if not steps.take("subject", failed=claim if isinstance(claim, str) else "") or isinstance(claim, str):
        return Rejected(candidate.evidence, tuple(steps.taken))
    predicate_type, predicate = claim
    if not steps.take("predicate type", failed=_unspoken(key, predicate_type)):
        return Rejected(candidate.evidence, tuple(steps.taken))
    return Verified(
        kind="signature" if predicate_type == SIGN else "attestation",
        predicate_type=predicate_type,
        predicate=predicate,
        identity=key.identity,
        key=key.public.fingerprint,
        evidence=candidate.evidence,
        received_at=received_at,
        subject=subject,
        products=key.products,
        seal=_SEAL,
    )


def _signers(candidate: Candidate, root: TrustRoot) -> Iterator[TrustedKey]:
    """Step 1. Neither hint nor keyid is believed: every key is tried."""
    for key in root.keys:
        if any(key.public.verifies(signature.sig, candidate.signed) for signature in candidate.signatures):
            yield key


def _unknown(candidate: Candidate, root: TrustRoot) -> str:
    if candidate.keyless:
        return "it is signed by a certificate, and only known keys count"
    if not root.keys:
        return "no key is trusted"
    return f"none of the trusted keys signed it ({len(root.keys)} tried), or it was changed since"


def _revoked(key: TrustedKey, revoked: Collection[tuple[str, str]]) -> str:
    """Step 2."""
    if ("key", key.public.fingerprint) in revoked:
        return f"the key {key.public.fingerprint[:16]}… of {key.identity} was revoked"
    return f"the identity {key.identity} was revoked" if ("identity", key.identity) in revoked else ""


def _invalid(key: TrustedKey, received_at: str) -> str:
    """Step 3."""
    moment = parse_moment(received_at)
    if key.valid_from and moment < parse_moment(key.valid_from):
        return f"the key of {key.identity} is valid from {key.valid_from}, and this was received at {received_at}"
    if key.valid_until and moment >= parse_moment(key.valid_until):
        return f"the key of {key.identity} expired at {key.valid_until}, and this was received at {received_at}"
    return ""


def _elsewhere(key: TrustedKey, repository: str) -> str:
    """Step 4."""
    if any(fnmatchcase(repository, pattern) for pattern in key.repositories):
        return ""
    return f"{key.identity} may speak about {', '.join(key.repositories) or 'nothing'}, not about {repository}"


def _claim(candidate: Candidate, subject: Digest) -> tuple[str, Any] | str:
    """Step 5: the predicate type and the predicate, or what is wrong."""
    try:
        if candidate.envelope is None:
            named = simplesigning.subject_of(candidate.signed)
            return (SIGN, None) if named == subject else f"it is about {named}, not about {subject}"
        if candidate.envelope.payload_type != dsse.IN_TOTO:
            return f"its payload is {candidate.envelope.payload_type!r}, expected {dsse.IN_TOTO}"
        found = statement.parse(candidate.envelope.payload)
    except GravenError as e:
        return e.message
    if not found.about(subject):
        named_digests = sorted(f"{algorithm}:{value}" for one in found.subjects for algorithm, value in one)
        return f"it is about {', '.join(named_digests[:3])}, not about {subject}"
    return found.predicate_type, None if found.predicate_type == SIGN else found.predicate


def _unspoken(key: TrustedKey, predicate_type: str) -> str:
    """Step 6."""
    if any(fnmatchcase(predicate_type, pattern) for pattern in key.predicate_types):
        return ""
    return f"{key.identity} may not make statements of the type {predicate_type}"


def _key(value: Any, where: str) -> TrustedKey:
    if not isinstance(value, Mapping) or not isinstance(value.get("identity"), str) or not value["identity"]:
        raise Malformed("expected an object with identity and public", where=where)
    unknown = sorted(set(value) - _KEY_MEMBERS)
    if unknown:
        raise Malformed(f"got {unknown[0]!r}, expected only {', '.join(sorted(_KEY_MEMBERS))}", where=where)
    moments = [_moment(value.get(name, ""), f"{where}, {name}") for name in ("from", "until")]
    public = value.get("public")
    if not isinstance(public, str):
        raise Malformed("expected the public key in PEM", where=f"{where}, public")
    return TrustedKey(
        identity=value["identity"],
        public=_public(public, where),
        valid_from=moments[0],
        valid_until=moments[1],
        predicate_types=_patterns(value, "predicate_types", ("*",), where),
        repositories=_patterns(value, "repositories", ("*",), where),
        products=_patterns(value, "products", (), where),
    )


def _public(pem: str, where: str) -> PublicKey:
    try:
        return PublicKey.parse(pem.encode())
    except GravenError as e:
        raise Malformed(e.message, where=f"{where}, public") from e


def _moment(text: Any, where: str) -> str:
    if not isinstance(text, str):
        raise Malformed(f"got {text!r}, expected a date and time", where=where)
    try:
        if text:
            parse_moment(text)
    except Malformed as e:
        raise Malformed(e.message, where=where) from e
    return text


def _patterns(value: Mapping[str, Any], name: str, default: tuple[str, ...], where: str) -> tuple[str, ...]:
    found = value.get(name, list(default))
    if not isinstance(found, list) or not all(isinstance(pattern, str) for pattern in found):
        raise Malformed("expected a list of patterns", where=f"{where}, {name}")
    return tuple(found)
