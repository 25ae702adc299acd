"""OpenVEX (specification 0.2.0): who says that a vulnerability does or does not affect a product; read, and applied.

A statement moves a finding only where its signer may speak for the product: ``apply`` takes statements that come out of
a ``Verified``, each with the identity that signed it and the patterns of products that the trust root lets it speak
for. Of several that fit, the later timestamp wins; at the same moment, the one that admits more.

What a statement is about may be the artifact (its digest, its repository, a ``pkg:oci`` purl), then its subcomponents
narrow it to packages; or a package itself. A statement about a package's own parts is not applied: which copy of a part
belongs to which package is not known here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from graven.errors import Malformed
from graven.evidence.matching import Finding, Vex
from graven.evidence.products import names_artifact, names_package
from graven.values import Digest, Purl, canonical, format_moment, parse_moment

__all__ = [
    "JUSTIFICATIONS",
    "PREDICATE_TYPE",
    "STATUSES",
    "Product",
    "Spoken",
    "VexStatement",
    "apply",
    "parse",
    "read",
]

PREDICATE_TYPE = "https://openvex.dev/ns/v0.2.0"

Status = Literal["not_affected", "affected", "fixed", "under_investigation"]
STATUSES: tuple[Status, ...] = get_args(Status)
JUSTIFICATIONS = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)
_CAREFUL: tuple[Status, ...] = ("not_affected", "fixed", "under_investigation", "affected")
"""At the same moment the last of these wins."""


@dataclass(frozen=True, slots=True)
class Product:
    """What a statement is about."""

    names: tuple[str, ...]
    """``@id`` and identifiers, as written."""
    hashes: tuple[Digest, ...] = ()
    subcomponents: tuple[tuple[str, ...], ...] = ()
    """The names of each."""


@dataclass(frozen=True, slots=True)
class VexStatement:
    """One statement."""

    vulnerabilities: tuple[str, ...]
    """Its name and aliases."""
    status: Status
    justification: str
    """The word, or else the impact statement."""
    moment: str
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A statement and whose it is."""

    statement: VexStatement
    by: str
    """The verified identity."""
    products: tuple[str, ...]
    """Patterns of what it may speak for: repositories (``app/*``), or packages (``pkg:npm/left*``)."""


def parse(data: bytes, *, where: str = "VEX document", subject: Digest | None = None) -> tuple[VexStatement, ...]:
    """Read a document; see ``read``.

    Raises:
        Malformed: it is no OpenVEX document, or says something that OpenVEX does not allow.
    """
    return read(canonical.loads(data, where=where), where=where, subject=subject)


def read(document: Any, *, where: str = "VEX document", subject: Digest | None = None) -> tuple[VexStatement, ...]:
    """Read a document's JSON value; a statement without products is about the subject of its attestation.

    Raises:
        Malformed: it is no OpenVEX document, or says something that OpenVEX does not allow.
    """
    context = document.get("@context") if isinstance(document, dict) else None
    if not isinstance(context, str) or not context.startswith("https://openvex.dev/ns"):
        raise Malformed(f"got the @context {str(context)[:80]!r}, expected {PREDICATE_TYPE}", where=where)
    statements = document.get("statements")
    if not isinstance(statements, list) or not statements:
        raise Malformed("got no statements, expected a list of them", where=where)
    return tuple(
        _statement(entry, document, f"{where}, statement {number}", subject)
        for number, entry in enumerate(statements, start=1)
    )


def apply(
    findings: Iterable[Finding], statements: Sequence[Spoken], *, digests: Collection[Digest], repository: str
) -> tuple[Finding, ...]:
    """Give the findings with what trusted parties say of them.

    ``digests`` are those of the artifact: its own, and that of an index which lists it.
    """
    return tuple(_said(finding, statements, digests, repository) for finding in findings)


def _said(finding: Finding, statements: Sequence[Spoken], digests: Collection[Digest], repository: str) -> Finding:
    fitting = [
        spoken
        for spoken in statements
        if _names_bug(spoken.statement, finding)
        and _may_speak(spoken, finding, repository)
        and any(_is_about(product, finding, digests, repository) for product in spoken.statement.products)
    ]
    if not fitting:
        return finding
    last = max(fitting, key=lambda s: (s.statement.moment, _CAREFUL.index(s.statement.status), s.by))
    return replace(finding, vex=Vex(last.statement.status, last.statement.justification, last.by))


def _names_bug(statement: VexStatement, finding: Finding) -> bool:
    """A record with several upstream bugs is cleared of none by a word about one of them."""
    names = {finding.id, *finding.aliases} | (set(finding.upstream) if len(finding.upstream) == 1 else set())
    return not names.isdisjoint(statement.vulnerabilities)


def _may_speak(spoken: Spoken, finding: Finding, repository: str) -> bool:
    package = str(Purl.parse(finding.purl).without_version)
    return any(
        fnmatchcase(package if pattern.startswith("pkg:") else repository, pattern) for pattern in spoken.products
    )


def _is_about(product: Product, finding: Finding, digests: Collection[Digest], repository: str) -> bool:
    if any(digest in digests for digest in product.hashes) or any(
        names_artifact(name, digests, repository) for name in product.names
    ):
        parts = product.subcomponents
        return not parts or any(names_package(name, finding.purl) for part in parts for name in part)
    return not product.subcomponents and any(names_package(name, finding.purl) for name in product.names)


def _statement(entry: Any, document: Mapping[str, Any], where: str, subject: Digest | None) -> VexStatement:
    if not isinstance(entry, dict):
        raise Malformed("got a statement that is no object", where=where)
    status = next((word for word in STATUSES if word == entry.get("status")), None)
    if status is None:
        raise Malformed(
            f"got the status {str(entry.get('status'))[:40]!r}, expected {', '.join(STATUSES)}", where=where
        )
    listed = entry.get("products")
    products = tuple(_product(product, where) for product in listed) if isinstance(listed, list) else ()
    if not products and subject is not None:
        products = (Product((), (subject,)),)
    if not products:
        raise Malformed("got a statement about no product", where=where, hint="name products by digest or purl")
    return VexStatement(
        vulnerabilities=_vulnerabilities(entry.get("vulnerability"), where),
        status=status,
        justification=_justification(entry, status, where),
        moment=_moment(entry.get("timestamp") or document.get("timestamp"), where),
        products=products,
    )


def _vulnerabilities(told: Any, where: str) -> tuple[str, ...]:
    found = told if isinstance(told, dict) else {"name": told}
    aliases = found.get("aliases")
    names = [found.get("name"), found.get("@id"), *(aliases if isinstance(aliases, list) else ())]
    clean = dict.fromkeys(name.rstrip("/").rpartition("/")[2] for name in names if isinstance(name, str) and name)
    if not clean:
        raise Malformed("got a statement about no vulnerability, expected its name", where=where)
    return tuple(clean)


def _justification(entry: Mapping[str, Any], status: Status, where: str) -> str:
    """Only what clears a product needs a reason; a warning without one is heard all the same."""
    word, impact = entry.get("justification"), entry.get("impact_statement")
    if word and word not in JUSTIFICATIONS:
        wanted = ", ".join(JUSTIFICATIONS)
        raise Malformed(f"got the justification {str(word)[:60]!r}, expected one of {wanted}", where=where)
    found = word or (impact if isinstance(impact, str) else "")
    if status == "not_affected" and not found:
        raise Malformed("got not_affected without a justification or an impact_statement", where=where)
    return str(found)


def _moment(told: Any, where: str) -> str:
    if not isinstance(told, str):
        raise Malformed("got a statement without a timestamp, neither its own nor its document's", where=where)
    try:
        return format_moment(parse_moment(told))
    except Malformed as e:
        raise Malformed(e.message, where=where) from e


def _product(told: Any, where: str) -> Product:
    names = _names(told)
    hashes = told.get("hashes") if isinstance(told, dict) else None
    digests = tuple(_hashes(hashes)) if isinstance(hashes, dict) else ()
    if not names and not digests:
        raise Malformed("got a product without @id, identifiers or hashes", where=where)
    parts = told.get("subcomponents") if isinstance(told, dict) else None
    # a part that names nothing must not make the statement one about the whole product
    return Product(names, digests, tuple(_names(part) for part in parts) if isinstance(parts, list) else ())


def _names(told: Any) -> tuple[str, ...]:
    if isinstance(told, str):
        return (told,)
    if not isinstance(told, dict):
        return ()
    identifiers = told.get("identifiers")
    found = [told.get("@id"), *(identifiers.values() if isinstance(identifiers, dict) else ())]
    return tuple(dict.fromkeys(name for name in found if isinstance(name, str) and name))


def _hashes(told: Mapping[str, Any]) -> Iterable[Digest]:
    for algorithm, value in told.items():
        try:
            yield Digest.parse(f"{algorithm.replace('-', '')}:{value}")
        except Malformed:
            continue  # an algorithm by which nothing is stored here
