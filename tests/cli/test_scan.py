"""``graven advisories``, ``graven scan`` and ``graven vex`` against a server that answers on loopback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graven.cli import main

RECORD = {
    "id": "A-1",
    "modified": "2026-01-01T00:00:00Z",
    "database_specific": {"severity": "high"},
    "affected": [
        {
            "package": {"ecosystem": "npm", "name": "left"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}],
        }
    ],
}


def _bill(version: str, *more: dict[str, str]) -> dict[str, Any]:
    left = {"type": "library", "name": "left", "version": version, "purl": f"pkg:npm/left@{version}"}
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [left, *more]}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server of this module's own, and its administrator's token."""
    folder = tmp_path_factory.mktemp("server")
    token = folder / "token"
    words = ["serve", "--data", str(folder / "data"), "--listen", "127.0.0.1:0", "--admin-token-file", str(token)]
    with subprocess.Popen(
        [sys.executable, "-m", "graven", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        url = next(found[0] for line in server.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        yield url, token.read_text().strip()
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture(autouse=True)
def known(address: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAVEN_URL", address[0])
    monkeypatch.setenv("GRAVEN_TOKEN", address[1])


@pytest.fixture
def imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "advisories"
    (folder / "npm").mkdir(parents=True)
    (folder / "npm" / "A-1.json").write_text(json.dumps(RECORD, indent=2))
    assert main(["advisories", "import", str(folder)]) == 0
    assert "1 in all" in capsys.readouterr().out


@pytest.mark.usefixtures("imported")
def test_status_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advisories", "status", "--output", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["records"], told["source"], told["ecosystems"]) == (1, "advisories", {"npm": 1})


@pytest.mark.usefixtures("imported")
@pytest.mark.parametrize(
    ("bill", "bound", "code"),
    [
        (_bill("1.0.0"), None, 0),
        (_bill("1.0.0"), "critical", 0),
        (_bill("1.0.0"), "high", 1),
        (_bill("1.0.0"), "low", 1),
        (_bill("2.0.0"), "low", 0),
        (_bill("2.0.0", {"type": "library", "name": "x", "purl": "pkg:cargo/x@1.0.0"}), "critical", 1),
        (_bill("2.0.0", {"type": "library", "name": "x"}), "critical", 1),
        (_bill("latest"), "critical", 1),
    ],
)
def test_fail_on_tells_by_the_exit_code_and_unknown_is_no_pass(
    tmp_path: Path, bill: dict[str, Any], bound: str | None, code: int
) -> None:
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(bill))
    assert main(["scan", str(path), *(["--fail-on", bound] if bound else [])]) == code


@pytest.mark.usefixtures("imported")
def test_a_scan_names_the_finding_its_fix_and_what_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(_bill("1.0.0", {"type": "library", "name": "x", "purl": "pkg:deb/debian/x@1"})))
    assert main(["scan", str(path)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"high +A-1 +pkg:npm/left@1\.0\.0 +2\.0\.0", out)
    assert "unknown: pkg:deb/debian/x@1: its operating system is not known" in out


def test_what_is_not_there_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advisories", "import", "/nowhere/at/all"]) == 3
    assert capsys.readouterr().err == "graven: no such file or folder of advisories (at /nowhere/at/all)\n"


def test_a_vex_document_that_was_written_is_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    product = f"app/web@sha256:{'0' * 64}"
    words = ["--product", product, "--subcomponent", "pkg:npm/left", "--vulnerability", "CVE-2026-1"]
    reason = ["--status", "not_affected", "--justification", "component_not_present"]
    assert main(["vex", "create", *words, *reason]) == 0
    path = tmp_path / "web.vex.json"
    path.write_text(capsys.readouterr().out)
    assert main(["vex", "check", str(path), "--output", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["vulnerability"], told["status"]) == ("CVE-2026-1", "not_affected")


def test_a_vex_statement_without_a_reason_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--product", "pkg:npm/left", "--vulnerability", "CVE-2026-1", "--status", "not_affected"]
    assert main(["vex", "create", *words]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "without a justification" in told.err
