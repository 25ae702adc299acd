"""Owns the verification of certificate chains as Go's ``Certificate.Verify`` does it (RFC 5280 in part).

The first certificate of the text is the root that is trusted, the last one the leaf, those between may help. A chain
with name constraints or policy constraints is refused by ``certificates``, which tells it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graven.rego.builtins.certificates import read_certificates, tell_certificate
from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin
from graven.rego.values import FALSE, TRUE, RegoObject, RegoSet, Value, sorted_values

if TYPE_CHECKING:
    from cryptography import x509

__all__ = ["BUILTINS"]

_USAGES = (
    "Any", "ServerAuth", "ClientAuth", "CodeSigning", "EmailProtection", "IPSECEndSystem", "IPSECTunnel", "IPSECUser",
    "TimeStamping", "OCSPSigning", "MicrosoftServerGatedCrypto", "NetscapeServerGatedCrypto",
    "MicrosoftCommercialCodeSigning", "MicrosoftKernelCodeSigning",
)  # fmt: skip
_BY_NAME = {f"KeyUsage{name}": at for at, name in enumerate(_USAGES)}
_INSECURE = frozenset({"md5", "sha1"})
_LONGEST = 100
"""How many signatures are checked for one leaf, as in Go."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a chain is held against."""

    now_ns: int
    usages: tuple[int, ...] = (1,)
    name: str = ""
    hidden: frozenset[str] = frozenset()
    """Fields that are not told; OPA adds ``URIStrings`` only where no options are taken."""


@dataclass(frozen=True, slots=True)
class _Link:
    """A certificate, and what is told of it."""

    raw: bytes
    own: x509.Certificate
    told: RegoObject


def _link(der: bytes) -> _Link:
    from cryptography import x509

    told = tell_certificate(der)
    return _Link(der, x509.load_der_x509_certificate(der), told)


def _current(link: _Link, now_ns: int) -> bool:
    start, end = (int(one.timestamp()) for one in (link.own.not_valid_before_utc, link.own.not_valid_after_utc))
    return start * 10**9 <= now_ns <= end * 10**9


def _sound(link: _Link, wanted: _Wanted, below: list[_Link], *, middle: bool) -> bool:
    """Say whether a certificate may stand above those below it."""
    told = link.told
    if told["UnhandledCriticalExtensions"] or not _current(link, wanted.now_ns):
        return False
    if below and below[-1].told["RawIssuer"] != told["RawSubject"]:
        return False
    if middle and not (told["BasicConstraintsValid"] and told["IsCA"]):
        return False
    longest = told["MaxPathLen"]
    unlimited = longest == 0 and not told["MaxPathLenZero"]
    return not told["BasicConstraintsValid"] or longest == -1 or unlimited or len(below) - 1 <= longest


def _signed(child: _Link, parent: _Link) -> bool:
    """Say whether the parent may sign certificates, and signed this one."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    told = parent.told
    if (told["Version"] == 3 and not told["BasicConstraintsValid"]) or (
        told["BasicConstraintsValid"] and not told["IsCA"]
    ):
        return False
    if told["KeyUsage"] and not told["KeyUsage"] & 32:
        return False
    try:
        digest = child.own.signature_hash_algorithm
        if digest is not None and digest.name in _INSECURE:
            return False
        child.own.verify_directly_issued_by(parent.own)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _rank(child: _Link, parent: _Link) -> int:
    """Put first the parents whose key is the one that the child names."""
    key, own = child.told["AuthorityKeyId"], parent.told["SubjectKeyId"]
    if key is not None and own == key:
        return 0
    return 1 if key is None or own is None else 2


def _chains(
    below: list[_Link], root: _Link, middle: list[_Link], wanted: _Wanted, left: list[int]
) -> Iterator[list[_Link]]:
    """Give the chains from a leaf to the root, in Go's order."""
    child = below[-1]
    issuers = sorted((one for one in middle if one.told["RawSubject"] == child.told["RawIssuer"]),
                     key=lambda one: _rank(child, one))  # fmt: skip
    for at, parent in enumerate([root, *issuers]):
        if parent.told["RawSubject"] != child.told["RawIssuer"] or _repeats(parent, below):
            continue
        left[0] -= 1
        if left[0] < 0:
            return
        if not _signed(child, parent) or not _sound(parent, wanted, below, middle=at > 0):
            continue
        if at == 0:
            yield [*below, parent]
        else:
            yield from _chains([*below, parent], root, middle, wanted, left)


def _repeats(parent: _Link, below: list[_Link]) -> bool:
    def identity(link: _Link) -> tuple[Value, ...]:
        names = tuple(e for e in link.told["Extensions"] or () if e["Id"] == (2, 5, 29, 17))
        return link.told["RawSubject"], link.told["RawSubjectPublicKeyInfo"], names

    return any(identity(one) == identity(parent) for one in below)


def _serves(chain: list[_Link], usages: tuple[int, ...]) -> bool:
    """Say whether one of the usages is allowed all the way."""
    if 0 in usages:
        return True
    left = set(usages)
    for link in chain:
        known, unknown = link.told["ExtKeyUsage"], link.told["UnknownExtKeyUsage"]
        if (known or unknown) and 0 not in (known or ()):
            left &= set(known or ())
    return bool(left)


def _names(pattern: str, host: str) -> bool:
    """Match a name as a wildcard in the first label allows."""
    ours, theirs = pattern.lower().rstrip(".").split("."), host.lower().rstrip(".").split(".")
    if len(ours) != len(theirs) or not all(theirs):
        return False
    return all(
        a == b or (at == 0 and a == "*" and len(ours) > 1) for at, (a, b) in enumerate(zip(ours, theirs, strict=True))
    )


def _addressed(leaf: _Link, name: str) -> bool:
    address = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    try:
        wanted = ipaddress.ip_address(address)
    except ValueError:
        if not name.isascii() or any(not (char.isalnum() or char in "-_.*") for char in name):
            raise BuiltinError(f"the name {name!r} is not one that can be held against certificates") from None
        return any(_names(one, name) for one in leaf.told["DNSNames"] or ())
    return any(ipaddress.ip_address(one) == wanted for one in leaf.told["IPAddresses"] or ())


def _verified(text: str, wanted: _Wanted) -> Value:
    invalid: Value = (FALSE, ())
    try:
        ders = read_certificates(text)
    except BuiltinError:
        return invalid
    if len(ders) < 2 or not _readable(ders):
        return invalid
    root, *middle, leaf = (_link(der) for der in ders)
    if not _sound(leaf, wanted, [], middle=False) or (wanted.name and not _addressed(leaf, wanted.name)):
        return invalid
    found = [[leaf]] if leaf.raw == root.raw else _chains([leaf], root, middle, wanted, [_LONGEST])
    chain = next((one for one in found if _serves(one, wanted.usages)), None)
    return invalid if chain is None else (TRUE, tuple(_shown(link.told, wanted.hidden) for link in chain))


def _shown(told: RegoObject, hidden: frozenset[str]) -> RegoObject:
    return RegoObject({name: value for name, value in told.items() if name not in hidden})


def _readable(ders: list[bytes]) -> bool:
    """Say whether all are certificates; one that is, and cannot be told in full, is an error later."""
    from cryptography import x509

    try:
        for der in ders:
            x509.load_der_x509_certificate(der)
    except ValueError:
        return False
    return True


def _now(context: Context) -> int:
    if context.now_ns is None:
        raise BuiltinError("no time was given to this evaluation", halts=True)
    return context.now_ns


def _usages(value: Value) -> tuple[int, ...]:
    if value.__class__ not in (tuple, RegoSet):
        raise BuiltinError("'KeyUsages' should be an Array or Set")
    names = [one for one in (value if isinstance(value, tuple) else sorted_values(value)) if isinstance(one, str)]
    wrong = [name for name in names if name not in _BY_NAME]
    if wrong:
        raise BuiltinError(f"invalid entries for 'KeyUsages' found: [{' '.join(wrong)}]")
    return tuple(_BY_NAME[name] for name in names) or (1,)


def _verify_with(context: Context, text: str, options: RegoObject) -> Value:
    try:
        read_certificates(text)
    except BuiltinError:
        return (FALSE, ())
    if not options.keys() <= {"DNSName", "CurrentTime", "MaxConstraintComparisons", "KeyUsages"}:
        raise BuiltinError("invalid key option")
    name, compared = options.get("DNSName", ""), options.get("MaxConstraintComparisons", 0)
    if not isinstance(name, str):
        raise BuiltinError("'DNSName' should be a string")
    now_ns = options["CurrentTime"] if "CurrentTime" in options else _now(context)
    for key, number, kind in (("CurrentTime", now_ns, "int64 "), ("MaxConstraintComparisons", compared, "")):
        if isinstance(number, (str, tuple, RegoObject, RegoSet)) or number in (None, TRUE, FALSE):
            raise BuiltinError(f"'{key}' should be a number")
        if number.__class__ is not int or abs(number) >= 2**63:
            raise BuiltinError(f"'{key}' should be a valid {kind}number")
    usages = _usages(options["KeyUsages"]) if "KeyUsages" in options else (1,)
    assert isinstance(now_ns, int)  # noqa: S101 - the loop above has seen to it
    return _verified(text, _Wanted(now_ns, usages, name, frozenset({"URIStrings"})))


BUILTINS: tuple[Builtin, ...] = (
    builtin(
        "crypto.x509.parse_and_verify_certificates",
        lambda context, text: _verified(text, _Wanted(_now(context))),
        contextual=True,
    ),
    builtin("crypto.x509.parse_and_verify_certificates_with_options", _verify_with, contextual=True),
)
