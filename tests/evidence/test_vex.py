from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from graven.errors import Malformed
from graven.evidence import vex
from graven.evidence.matching import Finding
from graven.evidence.products import names_artifact, names_package
from graven.values import Digest
from osv_corpus import FOLDER

SAMPLES = FOLDER / "vex" / "vex-samples.tar.zst"
WEB = Digest.of(b"web")
INDEX = Digest.of(b"index")
LEFT = "pkg:pypi/left@1.0.0"


def finding(**more: Any) -> Finding:
    told: dict[str, Any] = {
        "id": "CVE-2026-1", "aliases": ("GHSA-1",), "upstream": (), "kind": "vulnerability", "purl": LEFT,
        "version": "1.0.0", "paths": ("p",), "severity": "high", "score": None, "fixed": (), "kev": False,
        "published": "", "advisories": ("GHSA-1",),
    }  # fmt: skip
    return Finding(**(told | more))


def document(*statements: dict[str, Any], **more: Any) -> bytes:
    told = {
        "@context": vex.PREDICATE_TYPE,
        "@id": "urn:x",
        "author": "a",
        "version": 1,
        "timestamp": "2026-01-01T00:00:00Z",
    }
    return json.dumps(told | {"statements": list(statements)} | more).encode()


def statement(**more: Any) -> dict[str, Any]:
    told = {
        "vulnerability": {"name": "CVE-2026-1"},
        "status": "not_affected",
        "justification": "vulnerable_code_not_present",
        "products": [{"@id": f"pkg:oci/web@{WEB}", "subcomponents": [{"@id": "pkg:pypi/left"}]}],
    }
    return told | more


def said(
    *statements: dict[str, Any], products: tuple[str, ...] = ("app/*",), by: str = "maintainer", **more: Any
) -> str:
    """Give the status that the finding has after these statements, or nothing."""
    spoken = [vex.Spoken(one, by, products) for one in vex.parse(document(*statements))]
    (found,) = vex.apply([finding(**more)], spoken, digests={WEB, INDEX}, repository="app/web")
    return found.vex.status if found.vex else ""


@pytest.mark.skipif(not SAMPLES.is_file(), reason="../shared/data/osv/vex is absent: no real VEX documents to read")
def test_every_real_document_is_read() -> None:
    documents = statements = 0
    with SAMPLES.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as packed:
        data = io.BytesIO(packed.read())
    with tarfile.open(fileobj=data) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member) if member.name.endswith(".json") else None
            text = content.read() if content else b""
            if b'"@context"' in text and b'"statements": [' in text:
                documents += 1
                statements += len(vex.parse(text, where=member.name))
    assert (documents, statements) == (1061, 86247)


def test_a_statement_of_a_trusted_party_about_a_package_in_this_artifact_counts() -> None:
    spoken = [vex.Spoken(one, "maintainer", ("app/*",)) for one in vex.parse(document(statement()))]
    (found,) = vex.apply([finding()], spoken, digests={WEB}, repository="app/web")
    assert found.vex is not None
    assert (found.vex.status, found.vex.justification, found.vex.by) == (
        "not_affected", "vulnerable_code_not_present", "maintainer",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("products", "counts"),
    [
        ((), False),
        (("other/*",), False),
        (("app/web",), True),
        (("*",), True),
        (("pkg:pypi/left",), True),
        (("pkg:npm/*",), False),
    ],
)
def test_it_counts_only_for_products_that_its_signer_may_speak_for(products: tuple[str, ...], counts: bool) -> None:
    assert bool(said(statement(), products=products)) == counts


@pytest.mark.parametrize(
    ("product", "counts"),
    [
        ({"@id": str(WEB)}, True),
        ({"@id": WEB.hex}, True),
        ({"@id": "urn:anything", "hashes": {"sha-256": INDEX.hex}}, True),
        ({"@id": "urn:anything", "hashes": {"sha-256": "0" * 64}}, False),
        ({"@id": f"registry.example/app/web@{WEB}"}, True),
        ({"@id": f"registry.example/other/web@{WEB}"}, False),
        ({"@id": f"app/web@sha256:{'0' * 64}"}, False),
        ({"@id": "app/web"}, True),
        ({"@id": "app/web:1.0"}, False),
        ({"@id": "pkg:oci/web?repository_url=registry.example:5000/app/web"}, True),
        ({"@id": "pkg:oci/web?repository_url=registry.example/app/web&tag=1.0"}, False),
        ({"@id": f"pkg:oci/web@sha256%3A{WEB.hex}?repository_url=ghcr.io/else/web"}, False),
        ({"@id": f"pkg:oci/api@sha256%3A{WEB.hex}"}, False),
        ({"@id": "pkg:oci/web"}, False),
        ({"@id": "urn:x", "identifiers": {"purl": f"pkg:oci/web@{WEB}"}}, True),
        ({"@id": "pkg:pypi/left"}, True),
        ({"@id": "pkg:pypi/Left@1.0.0"}, True),
        ({"@id": "pkg:pypi/left@2.0.0"}, False),
        ({"@id": "pkg:npm/left"}, False),
        ({"@id": "[ERROR] CVE-2026-1"}, False),
    ],
)
def test_a_product_is_known_by_digest_by_repository_or_as_the_package(product: dict[str, Any], counts: bool) -> None:
    assert bool(said(statement(products=[product]))) == counts


@pytest.mark.parametrize(
    ("parts", "counts"),
    [
        ([], True),
        ([{"@id": "pkg:pypi/left@1.0.0"}], True),
        ([{"@id": "pkg:pypi/right"}, {"@id": "pkg:pypi/left"}], True),
        ([{"@id": "pkg:pypi/right"}], False),
        ([{"@id": "pkg:pypi/left@9"}], False),
        ([{}], False),
        ([{"@id": "[ERROR]"}], False),
    ],
)
def test_subcomponents_narrow_a_statement_about_the_artifact(parts: list[dict[str, str]], counts: bool) -> None:
    assert bool(said(statement(products=[{"@id": str(WEB), "subcomponents": parts}]))) == counts


def test_a_statement_about_the_parts_of_a_package_is_not_applied() -> None:
    assert not said(statement(products=[{"@id": "pkg:pypi/app", "subcomponents": [{"@id": LEFT}]}]))
    assert not said(statement(products=[{"@id": "pkg:pypi/left", "subcomponents": [{"@id": "pkg:pypi/x"}]}]))


def test_qualifiers_of_a_package_must_all_be_there() -> None:
    assert names_package("pkg:deb/debian/a?arch=amd64", "pkg:deb/debian/a@1?arch=amd64&distro=debian-12")
    assert not names_package("pkg:deb/debian/a?arch=arm64", "pkg:deb/debian/a@1?arch=amd64")


@pytest.mark.parametrize(
    ("vulnerability", "counts"),
    [
        ({"name": "GHSA-1"}, True),
        ({"name": "X-1", "aliases": ["CVE-2026-1"]}, True),
        ({"@id": "https://nvd.example/vuln/detail/CVE-2026-1"}, True),
        ("CVE-2026-1", True),
        ({"name": "CVE-2026-10"}, False),
    ],
)
def test_a_vulnerability_is_known_by_any_of_its_names(vulnerability: Any, counts: bool) -> None:
    assert bool(said(statement(vulnerability=vulnerability))) == counts


def test_a_word_about_one_of_several_upstream_bugs_clears_nothing() -> None:
    about = statement(vulnerability={"name": "CVE-7"})
    assert said(about, id="DSA-1-1", aliases=(), upstream=("CVE-7",))
    assert not said(about, id="DSA-1-1", aliases=(), upstream=("CVE-7", "CVE-8"))


def test_the_later_statement_wins_whatever_their_order() -> None:
    early = statement(timestamp="2026-01-01T00:00:00Z")
    late = statement(timestamp="2026-02-01T00:00:00+01:00", status="affected")
    assert said(early, late) == said(late, early) == "affected"
    assert said(statement(timestamp="2026-03-01T00:00:00Z"), late) == "not_affected"


def test_at_the_same_moment_the_one_that_admits_more_wins() -> None:
    statements = [statement(status=status) for status in vex.STATUSES]
    assert said(*statements) == said(*reversed(statements)) == "affected"


def test_a_statement_without_products_is_about_the_subject_of_its_attestation() -> None:
    (told,) = vex.parse(document(statement(products=[])), subject=WEB)
    (found,) = vex.apply([finding()], [vex.Spoken(told, "m", ("*",))], digests={WEB}, repository="app/web")
    assert found.vex is not None
    with pytest.raises(Malformed, match="about no product"):
        vex.parse(document(statement(products=[])))


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{}",
        document(),
        document(statement(), **{"@context": "https://example.org/"}),
        document(statement(status="fine")),
        document(statement(justification="trust_me")),
        document(statement(justification=None)),
        document(statement(vulnerability={})),
        document(statement(products=[{}])),
        document(statement(timestamp="yesterday")),
        document(statement(), timestamp=None),
    ],
)
def test_a_document_that_says_what_openvex_does_not_allow_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        vex.parse(data)


def test_an_impact_statement_is_a_reason_too_and_a_warning_needs_none() -> None:
    assert vex.parse(document(statement(justification=None, impact_statement="unused")))[0].justification == "unused"
    assert said(statement(justification=None, status="affected")) == "affected"


def test_names_of_artifacts_never_match_by_a_part_of_the_repository() -> None:
    assert not names_artifact("web", {WEB}, "app/web")
    assert not names_artifact("registry.example/app/web2", {WEB}, "app/web")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["@id", "name", "hashes", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from(["vulnerability", "status", "justification", "products", "timestamp", "impact_statement"]), _JSON
)
def test_any_json_in_any_field_is_read_or_refused_and_nothing_else(field: str, value: Any) -> None:
    try:
        told = vex.parse(document(statement(**{field: value})))
    except Malformed:
        return
    vex.apply([finding()], [vex.Spoken(one, "m", ("*",)) for one in told], digests={WEB}, repository="app/web")
