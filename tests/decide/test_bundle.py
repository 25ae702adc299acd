"""Bundles: read within limits, written the same each time, signed over all that they hold; what was touched is refused."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from graven.decide import bundle as bundles
from graven.decide.bundle import Bundle, Manifest, of_files, parse, render
from graven.decide.bundlesignature import ALGORITHMS, VerificationKey, hash_of, sign, verify
from graven.errors import GravenError, Malformed, Mismatch, Refused, TooLarge, Unsupported

FILES = {
    "data.json": b'{"a": {"n": 1.50, "big": 123456789012345678901234567890}, "t": "<&>"}',
    "x/data.yaml": b"k: [1, no]\n",
    "p.rego": b"package x.p\n\np := 1\n",
    "README.md": b"not read",
    ".manifest": b'{"revision": "1", "roots": ["a", "t", "x"]}',
}
SECRET = {"main": VerificationKey("a secret", "HS256")}


def _tar(files: Mapping[str, bytes], **about: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in about.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def test_a_bundle_tells_modules_data_and_manifest() -> None:
    found = parse(_tar(FILES))
    assert found.modules == {"p.rego": "package x.p\n\np := 1\n"}
    assert found.data["x"] == {"k": [1, "no"]}
    assert found.data["a"] == {"n": 1.5, "big": 123456789012345678901234567890}
    assert found.manifest == Manifest("1", ("a", "t", "x"))
    assert found.files == FILES


def test_what_was_rendered_is_read_again_and_rendered_the_same() -> None:
    found = of_files(FILES)
    content = render(found)
    assert parse(content).files == FILES
    assert render(parse(content)) == content == render(of_files(dict(reversed(FILES.items()))))


@given(
    st.dictionaries(
        st.from_regex(r"\A[a-z]{1,8}(/[a-z]{1,60}){0,4}\.(txt|rego)\Z"),
        st.text(max_size=40).map(str.encode),
        max_size=5,
    )
)
def test_any_files_survive_the_archive(files: dict[str, bytes]) -> None:
    assert parse(render(of_files(files))).files == files


@pytest.mark.parametrize("name", ["../out.rego", "a/../../out.rego", "a\\..\\out.rego", "/a/../b.rego"])
def test_a_file_outside_of_the_bundle_is_refused(name: str) -> None:
    with pytest.raises(Malformed, match="expected a path inside"):
        parse(_tar({name: b"package x"}))


def test_a_link_is_not_followed() -> None:
    assert parse(_tar({"p.rego": b""}, type=tarfile.SYMTYPE, linkname="/etc/passwd")).files == {}


def test_a_file_that_stands_twice_is_refused() -> None:
    with pytest.raises(Malformed, match="stands twice"):
        parse(_tar({"p.rego": b"package x", "./p.rego": b"package y"}))


def test_a_small_archive_that_unpacks_to_much_is_refused_early() -> None:
    with pytest.raises(TooLarge, match="more than 1000000 bytes"):
        parse(gzip.compress(b"\0" * 100_000_000), max_bytes=1_000_000)


def test_more_files_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_FILES", 2)
    with pytest.raises(TooLarge, match="more than 2 files"):
        parse(_tar({f"{n}.rego": b"package x" for n in range(9)}))


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_truncated_archive_is_refused(cut: int) -> None:
    with pytest.raises(Malformed):
        parse(_tar(FILES)[:-cut])


def test_what_is_no_archive_is_refused() -> None:
    for content in (b"", b"hello", gzip.compress(b"hello"), gzip.compress(b"x" * 2000)):
        with pytest.raises(Malformed):
            parse(content)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"data.json": b'{"a": 1}', "a/data.json": b"{}"}, "two documents say what data.a is"),
        ({"data.json": b"[1]"}, "no object"),
        ({"data.json": b"{"}, "no JSON"),
        ({"data.json": b'{"a": NaN}'}, "no JSON"),
        ({"p.rego": b"\xff"}, "no UTF-8"),
        ({"data.json": b'{"b": 1}', ".manifest": b'{"roots": ["a"]}'}, "do not permit data at path '/b'"),
        ({".manifest": b'{"roots": ["a", "a/b"]}'}, "overlapped roots"),
        ({".manifest": b'{"roots": "a"}'}, "list of paths"),
        ({".manifest": b'{"rego_version": 2}'}, "expected 0 or 1"),
        ({".manifest": b'{"file_rego_versions": {"/a": true}}'}, "expected 0 or 1"),
        ({".manifest": b'{"revision": 1}'}, "text as revision"),
        ({".manifest": b"[]"}, "no object"),
    ],
)
def test_what_does_not_fit_together_is_refused(files: dict[str, bytes], message: str) -> None:
    with pytest.raises(Malformed, match=message):
        of_files(files)


def test_a_delta_is_not_offered() -> None:
    with pytest.raises(Unsupported, match="delta"):
        of_files({"patch.json": b"{}"})


def test_an_empty_list_of_roots_owns_nothing() -> None:
    with pytest.raises(Malformed, match="do not permit"):
        of_files({"data.json": b'{"a": 1}', ".manifest": b'{"roots": []}'})


@pytest.mark.parametrize(
    ("pattern", "path", "said"),
    [("/a/*.rego", "/a/b.rego", "v0"), ("/a/*.rego", "/a/b/c.rego", "v1"), ("/a/**.rego", "/a/b/c.rego", "v0")],
)
def test_a_glob_of_versions_stays_in_its_folder(pattern: str, path: str, said: str) -> None:
    assert Manifest(rego_version=1, file_rego_versions={pattern: 0}).version(path) == said


def test_data_is_hashed_by_what_it_says_and_numbers_as_they_are_written() -> None:
    assert hash_of("data.json", b'{"b":[1.0,"\xe2\x80\xa8"],"a":null}') == hash_of(
        "data.json", b'{ "a" : null, "b" : [ 1.0, "\\u2028" ] }'
    )
    assert hash_of("data.json", b"1.0") != hash_of("data.json", b"1.00")
    assert hash_of("p.rego", b"a") != hash_of("p.rego", b"a ")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_was_signed_verifies_with_each_algorithm(algorithm: str) -> None:
    key: Any
    if algorithm.startswith("HS"):
        key, public = b"a secret", "a secret"
    else:
        curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
        key = ec.generate_private_key(curves[algorithm]) if algorithm in curves else _rsa()
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    signed = sign(of_files(FILES), key, algorithm=algorithm, key_id="main")
    verify(parse(render(signed)), {"main": VerificationKey(public, algorithm)})


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _signed(claims: dict[str, Any] | None = None) -> Bundle:
    return sign(of_files(FILES), b"a secret", algorithm="HS256", key_id="main", claims=claims)


def _with(bundle: Bundle, **changes: bytes | None) -> Bundle:
    files = dict(bundle.files)
    for name, content in changes.items():
        path = {"data": "data.json", "module": "p.rego", "more": "more.rego", "signatures": ".signatures.json"}[name]
        if content is None:
            del files[path]
        else:
            files[path] = content
    return of_files(files)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"module": b"package x.p\n\np := 2\n"}, "digest mismatch"),
        ({"data": b'{"a": {"n": 1.5, "big": 123456789012345678901234567890}, "t": "<&>"}'}, "digest mismatch"),
        ({"module": None}, "not in the bundle"),
        ({"more": b"package x.more"}, "not included in bundle signature"),
    ],
)
def test_a_bundle_that_was_touched_is_refused(changes: dict[str, bytes | None], message: str) -> None:
    with pytest.raises(Mismatch, match=message):
        verify(_with(_signed(), **changes), SECRET)


def _token(bundle: Bundle) -> str:
    return str(json.loads(bundle.files[".signatures.json"])["signatures"][0])


def _signatures(*tokens: object) -> bytes:
    return json.dumps({"signatures": tokens}).encode()


def test_a_signature_that_is_not_exactly_one_token_is_refused() -> None:
    token = _token(_signed())
    for content in (_signatures(), _signatures(token, token), _signatures("a.b"), b"[]", b"{}", _signatures(1)):
        with pytest.raises(GravenError):
            verify(_with(_signed(), signatures=content), SECRET)


def test_the_algorithm_is_that_of_the_key_and_not_of_the_header() -> None:
    _, body, _ = _token(_signed()).split(".")
    none = "eyJhbGciOiJub25lIiwia2lkIjoibWFpbiJ9"
    with pytest.raises(Refused, match="not that of the key"):
        verify(_with(_signed(), signatures=_signatures(f"{none}.{body}.")), SECRET)


def test_a_key_that_is_not_configured_does_not_count() -> None:
    with pytest.raises(Refused, match="not configured"):
        verify(_signed(), {"other": SECRET["main"]})
    with pytest.raises(Refused, match="not that of the key"):
        verify(_signed(), {"main": VerificationKey("another", "HS256")})


def test_scopes_must_be_equal() -> None:
    verify(_signed({"scope": "write"}), SECRET, scope="write")
    for said, wanted in (({"scope": "read"}, "write"), ({}, "write"), ({"scope": "read"}, "")):
        with pytest.raises(Refused, match="another scope"):
            verify(_signed(said), SECRET, scope=wanted)


def test_an_unsigned_bundle_does_not_verify() -> None:
    with pytest.raises(Refused, match="not signed"):
        verify(of_files(FILES), SECRET)


def test_a_key_of_another_kind_does_not_sign() -> None:
    with pytest.raises(Malformed, match="expected one of"):
        sign(of_files(FILES), b"a secret", algorithm="none")
