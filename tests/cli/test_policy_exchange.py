"""``graven policy push`` and ``pull`` through a real server: signed, pinned, verified before use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from served import Served

MODULE = (
    'package main\n\nimport rego.v1\n\ndeny contains msg if {\n\tinput.kind == data.limits.kind\n\tmsg := "no"\n}\n'
)


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    found = serve(COSIGN_PASSWORD="password of a test fixture")
    found.graven("keys", "generate", "--out", "release")
    folder = found.folder / "policy"
    (folder / "lib" / "limits").mkdir(parents=True)
    (folder / "main.rego").write_text(MODULE)
    (folder / "limits").mkdir()
    (folder / "limits" / "any.yaml").write_text("kind: Secret\n")
    return found


def test_policies_come_back_as_they_were_and_name_who_signed_them(served: Served) -> None:
    sent = served.json("policy", "push", "policies/base:1.0", "policy", "--key", "release.key")
    assert sent["signed"] is True
    got = served.json("policy", "pull", "oci://policies/base:1.0", "again", "--policy-key", "release.pub")
    assert (got["digest"], got["files"]) == (sent["digest"], ["limits/any.yaml", "main.rego"])
    assert got["key"]
    assert (served.folder / "again" / "main.rego").read_text() == MODULE
    served.graven("policy", "pull", sent["pinned"], "third")
    assert (served.folder / "third" / "limits" / "any.yaml").read_text() == "kind: Secret\n"


def test_nothing_is_written_without_proof(served: Served) -> None:
    served.graven("policy", "push", "policies/base:1.0")
    told = served.graven("policy", "pull", "policies/base:1.0", "again", code=1)
    assert "neither pinned by digest nor held against a key" in told
    told = served.graven("policy", "pull", "policies/base:1.0", "again", "--policy-key", "release.pub", code=1)
    assert "no signature of these policies counts: nothing is attached" in told
    assert not (served.folder / "again").exists()
    served.graven("policy", "pull", "policies/base:1.0", "again", "--allow-unsigned")


def test_another_file_that_is_there_is_left_alone(served: Served) -> None:
    served.graven("policy", "push", "policies/base:1.0")
    (served.folder / "again").mkdir()
    (served.folder / "again" / "main.rego").write_text("package mine\n")
    words = ("policy", "pull", "policies/base:1.0", "again", "--allow-unsigned")
    assert "with another content" in served.graven(*words, code=None)
    assert [path.name for path in (served.folder / "again").iterdir()] == ["main.rego"]
    served.graven(*words, "--force")
    assert (served.folder / "again" / "main.rego").read_text() == MODULE


def test_a_link_that_leads_out_of_the_folder_is_not_followed(served: Served, tmp_path: Path) -> None:
    served.graven("policy", "push", "policies/base:1.0")
    (served.folder / "again").mkdir()
    (served.folder / "again" / "limits").symlink_to(tmp_path)
    words = ("policy", "pull", "policies/base:1.0", "again", "--allow-unsigned")
    assert "a link leads out of the folder" in served.graven(*words, code=None)
    assert list(tmp_path.iterdir()) == []


def test_rules_that_do_not_compile_are_not_sent(served: Served) -> None:
    (served.folder / "policy" / "main.rego").write_text("package main\n\nimport rego.v1\n\ndeny if x\n")
    assert "var x is unsafe" in served.graven("policy", "push", "policies/base:1.0", code=None)
    assert "1.0" not in served.graven("ls", "policies/base", code=None)


def test_graven_test_takes_policies_from_the_registry_once_their_proof_is_seen(served: Served) -> None:
    sent = served.json("policy", "push", "policies/base:1.0", "policy", "--key", "release.key")
    (served.folder / "x.yaml").write_text("kind: Secret\n")
    words = ("test", "x.yaml", "--policy", "oci://policies/base:1.0", "--data", "oci://policies/base:1.0")
    assert "FAIL - x.yaml:1:7 - main - no" in served.graven(*words, "--policy-key", "release.pub", code=1)
    assert "neither pinned by digest" in served.graven(*words, code=1)
    pinned = ("test", "x.yaml", "--policy", sent["pinned"], "--data", sent["pinned"])
    assert "FAIL - x.yaml:1:7 - main - no" in served.graven(*pinned, code=1)
