"""``graven decide``, ``promote``, ``rollback``, ``revoke``, ``stages`` and ``replay`` against a server of their own."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archives import DEBIAN, file, metadata, pack, stanza
from flows.judging import OTHERS, advisory
from graven.values import Digest
from served import Served

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def layout(folder: Path, flask: str) -> Path:
    """Write an OCI image layout."""
    site = f"usr/lib/python3/site-packages/flask-{flask}.dist-info/METADATA"
    layers = [
        gzip.compress(pack(DEBIAN, file("var/lib/dpkg/status", stanza("libc6", "2.36"))), mtime=0),
        gzip.compress(pack(file(site, metadata("flask", flask))), mtime=0),
    ]
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(data: bytes, media_type: str) -> dict[str, Any]:
        digest = Digest.of(data)
        (blobs / digest.hex).write_bytes(data)
        return {"mediaType": media_type, "digest": str(digest), "size": len(data)}

    config = put(b'{"architecture":"amd64","os":"linux"}', "application/vnd.oci.image.config.v1+json")
    listed = [put(data, "application/vnd.oci.image.layer.v1.tar+gzip") for data in layers]
    manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": listed}
    described = put(json.dumps(manifest).encode(), _MANIFEST)
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [described]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that trusts a release key, with advisories, and three images: unsigned, with a finding, and mended."""
    folder = tmp_path_factory.mktemp("server")
    found = Served(folder, environ={"COSIGN_PASSWORD": ""}).start()
    records = folder / "advisories"
    records.mkdir()
    for number, record in enumerate((*OTHERS, advisory("CVE-2026-1", "flask", "3.0.1", "CRITICAL"))):
        (records / f"{number}.json").write_bytes(record)
    found.graven("advisories", "import", str(records))
    found.graven("keys", "generate", "--out", "release")
    found.graven("trust", "init", "trust.json")
    found.graven("trust", "add-key", "trust.json", "--identity", "release@team", "--public", "release.pub")
    found.graven("trust", "apply", "trust.json")
    for tag, flask, signed in (("unsigned", "3.0.2", False), ("old", "3.0.0", True), ("new", "3.0.1", True)):
        found.graven("push", str(layout(folder / tag, flask)), f"{found.host}/team/web:{tag}")
        found.graven("sbom", f"team/web:{tag}", "--attach")
        if signed:
            found.graven("sign", f"team/web:{tag}", "--key", "release.key")
    yield found
    found.stop()


def test_a_decision_says_why_where_and_what_to_do(server: Served) -> None:
    text = server.graven("decide", "team/web:unsigned", "--stage", "test", code=1)
    assert "DENY  team/web@sha256:" in text
    assert "signed: nobody trusted has signed this artifact  [signed.rego:" in text
    assert "the smallest change that would turn this:" in text
    assert "with the key of release@team" in text
    found = server.json("decide", "team/web:unsigned", "--stage", "test", code=1)
    assert found["outcome"] == "deny"
    assert {step["kind"] for step in found["explanation"]["change"]["steps"]} == {"sign", "promote"}


def test_an_artifact_is_promoted_stage_by_stage_and_none_is_skipped(server: Served) -> None:
    server.graven("promote", "team/web:new", "--to", "production", code=1)
    for stage in ("dev", "test", "production"):
        done = server.json("promote", "team/web:new", "--to", stage, "--reason", "release")
        assert (done["promoted"], done["stage"]) == (True, stage)
    again = server.json("promote", "team/web:new", "--to", "production")
    assert (again["unchanged"], again["vsa"]) == (True, done["vsa"])
    assert "holds team/web@sha256:" in server.graven("promote", "team/web:new", "--to", "dev")
    held = {stage["name"]: stage["holds"] for stage in server.json("stages", "list")["stages"]}
    assert [one["repository"] for one in held["production"]] == ["team/web"]
    assert server.json("stages", "history", "test", "team/web")["history"][0]["reason"] == "release"


def test_a_finding_refuses_and_the_change_is_the_upgrade(server: Served) -> None:
    server.graven("promote", "team/web:old", "--to", "dev")
    text = server.graven("promote", "team/web:old", "--to", "test", code=1)
    assert "CVE-2026-1 (critical) in pkg:pypi/flask@3.0.0, mended in 3.0.1  [vulnerabilities.rego:" in text
    assert "pkg:pypi/flask upgraded from 3.0.0 to 3.0.1" in text


def test_a_waiver_lets_through_what_it_names_until_it_is_ended(server: Served) -> None:
    server.graven("tokens", "create", "ann", "--scope", "pull")
    words = ["--rule", "vulnerabilities", "--repository", "team/*", "--term", "CVE-2026-1", "--owner", "ann"]
    until = ["--expires", "2099-01-01T00:00:00Z", "--reason", "not reachable"]
    waiver = server.json("waive", "grant", *words, *until)["waiver"]
    assert "term=CVE-2026-1" in server.graven("waive", "list")
    assert "waived:" in server.graven("decide", "team/web:old", "--stage", "test")
    server.graven("waive", "end", waiver, "--reason", "mended")
    server.graven("decide", "team/web:old", "--stage", "test", code=1)


def test_a_rollback_and_a_revocation_say_what_they_did(server: Served) -> None:
    for tag in ("new", "old"):
        server.graven("promote", f"team/web:{tag}", "--to", "dev")
    assert "again" in server.graven("rollback", "team/web:new", "--stage", "dev", "--reason", "it leaks")
    digest = server.json("stages", "history", "dev", "team/web")["history"][1]["digest"]
    target = f"dev/team/web@{digest}"
    assert target in server.graven("revoke", "promotion", target, "--reason", "stolen")
    refused = server.graven("promote", "team/web:old", "--to", "dev", code=1)
    assert "revoked: stolen" in refused
    assert "never promoted" in server.graven("revoke", "promotion", f"test/team/web@{digest}", "--reason", "x", code=3)


def test_a_decision_is_replayed_to_the_same_bytes_and_with_one_byte_changed_it_differs(server: Served) -> None:
    decision = server.json("decide", "team/web:new", "--stage", "dev")["decision"]
    assert server.graven("replay", decision, "--save", "then").count("the same bytes") == 2
    question = (server.folder / "then" / "question.json").read_bytes()
    assert json.loads(question)["artifact"]["repository"] == "team/web"
    changed = server.folder / "changed.json"
    changed.write_bytes(question.replace(b"release@team", b"release@teal"))
    found = server.json("replay", decision, "--question", str(changed), code=1)
    assert (found["agrees"], found["question"]["agrees"], found["verdict"]["agrees"]) == (False, False, False)
    strict = server.folder / "strict"
    strict.mkdir()
    (strict / "strict.rego").write_text('package strict\n\ndeny contains "nothing passes" if input.now\n')
    (strict / "policy.yaml").write_text("rules:\n  - {name: strict, entries: [strict.deny]}\n")
    text = server.graven("replay", decision, "--policy", "strict", code=1)
    assert text == "then allow, by this policy set deny\n  strict: nothing passes\n"
    assert "no decision" in server.graven("replay", "sha256:" + "0" * 64, code=3)


def test_stages_take_effect_when_they_are_applied_and_what_is_wrong_has_a_line(server: Served) -> None:
    (server.folder / "stages.yaml").write_text("stages:\n  - name: dev\n    rules: {singed: warn}\n")
    text = server.graven("stages", "apply", "stages.yaml", code=3)
    assert "stages.yaml: line 3, column 21" in text
    assert "singed" in text
    before = server.json("stages", "show")
    (server.folder / "stages.yaml").write_text(
        "stages:\n  - {name: dev, rules: {signed: off}}\n  - {name: test}\n  - {name: production, grace: 2h}\n"
    )
    server.graven("stages", "apply", "stages.yaml")
    after = server.json("stages", "show")
    assert (after["version"], after["previous"]) == (before["version"] + 1, before["document"])
    assert "signed=off" in server.graven("stages", "show")


def test_a_policy_set_is_a_folder_and_takes_effect_when_it_is_applied(server: Served) -> None:
    folder = server.folder / "policies"
    folder.mkdir()
    source = "package artifact.signing\n\ndefault allow = false\n\nallow {\n  input.signature.verified == true\n}\n"
    (folder / "signing.rego").write_text(source)
    (folder / "policy.yaml").write_text(
        "language: v0\nrules:\n  - name: signing\n    entries: [artifact.signing.allow]\n"
    )
    (server.folder / "bare.yaml").write_text("stages:\n  - {name: dev}\n")
    assert "signed" in server.graven("stages", "apply-policy", "policies", code=3)
    server.graven("stages", "apply", "bare.yaml")
    server.graven("stages", "apply-policy", "policies")
    assert "artifact.signing.allow" in server.graven("stages", "show-policy")
    assert server.json("decide", "team/web:unsigned", "--stage", "dev", code=1)["verdict"]["reasons"][0]["line"] > 0
    server.graven("decide", f"{server.host}/team/web:new", "--stage", "dev")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["decide", "team/web:unheard", "--stage", "dev"], 3),
        (["decide", "team/web:new", "--stage", "moon"], 3),
        (["decide", "team/web", "--stage", "dev"], 3),
        (["decide", "elsewhere.example/team/web:new", "--stage", "dev"], 3),
        (["promote", "elsewhere.example:5000/team/web:new", "--to", "dev"], 3),
        (["decide", "team/web:new"], 2),
        (["rollback", "team/web:new", "--stage", "dev"], 2),
        (["revoke", "nothing", "x", "--reason", "y"], 2),
        (["stages", "apply", "not-there.yaml"], 3),
        (["stages", "apply-policy", "not-there"], 3),
        (["replay", "nothing"], 3),
    ],
)
def test_what_cannot_be_done_is_one_line_and_an_exit_code(server: Served, words: list[str], code: int) -> None:
    text = server.graven(*words, code=code)
    assert text.startswith("usage:" if code == 2 else "graven: ")


def test_what_looks_like_markup_is_text(server: Served) -> None:
    assert "revoked identity [/red]x" in server.graven("revoke", "identity", "[/red]x", "--reason", "[bold]")
