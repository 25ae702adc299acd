"""keys, sign, attest, verify, trust and vex against a real server: exit code 1 says no, and why."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.test_push import layout
from graven.evidence import vex
from graven.values import Digest
from served import GRAVEN, Served

PASSWORD = "of the tests, and nowhere else"


@pytest.fixture(scope="module")
def keyfiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("release", "other"):
        subprocess.run(
            [*GRAVEN, "keys", "generate", "--out", name],
            env=os.environ | {"COSIGN_PASSWORD": PASSWORD},
            cwd=folder,
            check=True,
            capture_output=True,
        )
    return folder


@pytest.fixture
def served(serve: Callable[..., Served], tmp_path: Path, keyfiles: Path) -> Served:
    shutil.copytree(keyfiles, tmp_path, dirs_exist_ok=True)
    found = serve(folder=tmp_path)
    found.environ["COSIGN_PASSWORD"] = PASSWORD
    return found


def push(served: Served, name: str = "app/web:1.0", layer: bytes = b"one") -> Digest:
    digest = layout(served.folder / "image", layer)
    served.graven("push", "image", name)
    return digest


def attest(served: Served, name: str, kind: str, predicate: Any, *words: str, code: int = 0) -> str:
    (served.folder / "predicate.json").write_text(predicate if isinstance(predicate, str) else json.dumps(predicate))
    return served.graven(
        "attest", name, "--key", "release.key", "--type", kind, "--predicate", "predicate.json", *words, code=code
    )


def verify(served: Served, *words: str, key: str = "release.pub", code: int = 0) -> dict[str, Any]:
    text = served.graven("verify", *words, "--key", key, "--output", "json", code=code)
    found: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    assert found["verified"] is (code == 0)
    return found


def test_a_signature_verifies_with_its_key_and_with_no_other(served: Served) -> None:
    digest = push(served)
    told = served.json("sign", "app/web:1.0", "--key", "release.key")
    assert told["subject"] == str(digest)
    for name in ("app/web:1.0", f"app/web@{digest}", f"{served.host}/app/web:1.0"):
        assert verify(served, name)["digest"] == str(digest)
    found = verify(served, "app/web:1.0", key="other.pub", code=1)
    assert [one["evidence"] for one in found["evidence"]] == [told["evidence"]]
    assert "none of the trusted keys signed it" in found["evidence"][0]["reason"]
    shown = served.graven("verify", "app/web:1.0", "--key", "other.pub", code=1)
    assert "does not count" in shown
    assert f"not verified: no signature of {digest}" in shown
    assert "counts: signed by" in served.graven("verify", "app/web:1.0", "--key", "other.pub", "--key", "release.pub")


def test_what_nobody_signed_is_not_verified(served: Served) -> None:
    push(served)
    assert verify(served, "app/web:1.0", code=1)["evidence"] == []
    assert "nothing is attached" in served.graven("verify", "app/web:1.0", "--key", "release.pub", code=1)


def test_a_statement_is_no_signature_and_a_signature_no_statement(served: Served) -> None:
    push(served)
    attest(served, "app/web:1.0", "cyclonedx", {"bomFormat": "CycloneDX"})
    verify(served, "app/web:1.0", "--type", "cyclonedx")
    verify(served, "app/web:1.0", "--type", "https://cyclonedx.org/bom")
    verify(served, "app/web:1.0", "--type", "spdxjson", code=1)
    assert "which is no signature" in verify(served, "app/web:1.0", code=1)["evidence"][0]["reason"]
    push(served, "app/next:1.0", b"two")
    served.graven("sign", "app/next:1.0", "--key", "release.key")
    verify(served, "app/next:1.0", "--type", "cyclonedx", code=1)


def test_a_predicate_that_is_no_strict_json_is_not_signed(served: Served) -> None:
    push(served)
    for predicate in ('{"a": 1, "a": 2}', '"\\ud800"', "[1e999]", "[" * 400):
        told = attest(served, "app/web:1.0", "custom:review", predicate, code=3)
        assert told.startswith("graven: ")
        assert "predicate.json" in told
    assert verify(served, "app/web:1.0", "--type", "custom:review", code=1)["evidence"] == []


def test_what_cannot_be_signed_or_verified_is_told_in_one_line(served: Served) -> None:
    push(served)
    absent = f"app/web@{Digest.of(b'nothing')}"
    for words in (
        ("sign", "app/web:2.0", "--key", "release.key"),
        ("sign", absent, "--key", "release.key"),
        ("sign", "app/web:1.0", "--key", "release.pub"),
        ("sign", "app/web:1.0", "--key", "nothing.key"),
        ("verify", absent, "--key", "release.pub"),
        ("verify", "app/web:1.0", "--key", "release.key"),
        ("verify", "app/web:1.0", "--key", "release.pub", "--type", "review"),
        ("attest", "app/web:1.0", "--key", "release.key", "--type", "x:y", "--predicate", "nothing.json"),
        ("keys", "generate", "--out", "release"),
        ("keys", "show", "admin.token"),
    ):
        told = served.graven(*words, code=None)
        assert told.startswith("graven: "), (words, told)
        assert told.count("\n") == 1, told


def test_another_password_opens_nothing_and_none_is_asked_for_where_nobody_is(served: Served) -> None:
    push(served)
    served.environ["COSIGN_PASSWORD"] = "another"
    assert "does not open with this password" in served.graven("sign", "app/web:1.0", "--key", "release.key", code=None)
    del served.environ["COSIGN_PASSWORD"]
    told = served.graven("sign", "app/web:1.0", "--key", "release.key", code=3, data="")
    assert "no password, and no terminal" in told
    served.environ["GRAVEN_KEY_PASSWORD"] = PASSWORD
    served.graven("sign", "app/web:1.0", "--key", "release.key")
    verify(served, "app/web:1.0")


def test_key_files_are_for_their_owner_and_are_never_written_over(served: Served) -> None:
    private = served.folder / "release.key"
    before = private.read_bytes()
    assert private.stat().st_mode & 0o777 == 0o600
    served.graven("keys", "generate", "--out", "release", code=None)
    assert private.read_bytes() == before
    shown = [served.json("keys", "show", f"release.{half}") for half in ("key", "pub")]
    assert shown[0] == shown[1]
    assert shown[0]["fingerprint"] in served.graven("keys", "show", "release.pub")


def test_a_plain_key_of_openssl_is_imported(served: Served) -> None:
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        capture_output=True,
        check=True,
    )
    (served.folder / "plain.pem").write_bytes(made.stdout)
    served.graven("keys", "import", "plain.pem", "--out", "imported")
    push(served)
    served.graven("sign", "app/web:1.0", "--key", "imported.key")
    verify(served, "app/web:1.0", key="imported.pub")


def test_the_trust_root_is_edited_in_a_file_and_takes_effect_by_apply_alone(served: Served) -> None:
    words = ("trust", "add-key", "trust.json", "--identity", "release@example.org", "--public", "release.pub")
    served.graven("trust", "init", "trust.json")
    served.graven(*words, "--repository", "app/*", "--until", "2027-01-01T00:00:00Z")
    before = served.json("trust", "show")
    assert "release@example.org" not in json.dumps(before)
    served.graven("trust", "apply", "trust.json")
    (key,) = [one for one in served.json("trust", "show")["body"]["keys"] if one["identity"] == "release@example.org"]
    assert (key["repositories"], key["until"]) == (["app/*"], "2027-01-01T00:00:00Z")
    served.graven(*words[:3], "--identity", "x", "--public", "release.pub", "--from", "yesterday", code=3)


def test_a_trust_root_that_was_handed_over_is_signed_by_its_new_keys(served: Served) -> None:
    served.graven("trust", "init", "trust.json")
    served.graven("trust", "apply", "trust.json", "--demand-key", "release.pub")
    served.graven("trust", "add-key", "trust.json", "--identity", "r@example.org", "--public", "release.pub")
    assert "demands" in served.graven("trust", "apply", "trust.json", code=1)
    served.graven("trust", "sign", "trust.json", "--key", "other.key", "--out", "other.link")
    assert "expected 1 of 1 keys" in served.graven("trust", "apply", "other.link", code=1)
    served.graven("trust", "sign", "trust.json", "--key", "release.key", "--out", "trust.link")
    served.graven("trust", "apply", "trust.link")
    assert "r@example.org" in served.graven("trust", "show")


def test_a_vex_document_is_signed_and_attached_in_one_go(served: Served) -> None:
    digest = push(served)
    words = ("vex", "create", "--vulnerability", "CVE-2026-0001", "--status", "fixed")
    told = served.json(*words, "--product", "app/web:1.0", "--key", "release.key")
    assert (told["subject"], told["predicate_type"]) == (str(digest), vex.PREDICATE_TYPE)
    verify(served, "app/web:1.0", "--type", "openvex")
    verify(served, "app/web:1.0", "--type", "openvex", key="other.pub", code=1)
    written = served.graven(*words, "--product", "app/web:1.0")
    (statement,) = vex.parse(written.encode())
    assert [str(one) for product in statement.products for one in product.hashes] == [str(digest)]
    told = served.graven(*words, "--product", "pkg:pypi/flask", "--key", "release.key", code=3)
    assert "--subcomponent" in told


def test_no_password_is_taken_from_the_command_line() -> None:
    for command in ("sign", "attest", "keys generate", "keys import"):
        done = subprocess.run([*GRAVEN, *command.split(), "--help"], capture_output=True, text=True, check=True)
        assert "--password" not in done.stdout
