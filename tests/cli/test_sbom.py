"""``graven sbom`` against a real server, and without one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from archives import DEBIAN, ELF, file, layout, metadata, pack, stanza
from conftest import Serve
from graven.evidence import cyclonedx, spdx
from graven.inventory import VERSION
from served import GRAVEN, Served

LAYERS = (
    pack(DEBIAN, file("var/lib/dpkg/status", stanza("libc6", "2.36"))),
    pack(file("s/site-packages/flask-3.dist-info/METADATA", metadata("flask", "3.0", License="BSD-3-Clause"))),
)
UNSEEN = pack(file("lib/apk/db/installed", "P:musl"), file("bin/x", ELF))
PURLS = ["pkg:deb/debian/libc6@2.36?arch=amd64&distro=debian-12", "pkg:pypi/flask@3.0"]


def offline(*words: str, code: int = 0) -> str:
    done = subprocess.run([*GRAVEN, "sbom", *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def test_a_layout_is_read_without_a_server(tmp_path: Path) -> None:
    subject = layout(tmp_path / "image", *LAYERS)
    told = json.loads(offline("--local", str(tmp_path / "image"), "--output", "json"))
    assert told["subject"] == str(subject)
    assert [row["purl"] for row in told["inventory"]["components"]] == PURLS
    shown = offline("--local", str(tmp_path / "image"))
    assert "debian 12" in shown
    assert ["pypi", "flask", "3.0", "BSD-3-Clause"] in [line.split()[:4] for line in shown.splitlines()]


@pytest.mark.parametrize(("name", "reader"), [("cyclonedx", cyclonedx), ("spdx", spdx)])
def test_a_bill_of_a_layout_is_written_the_same_each_time(tmp_path: Path, name: str, reader: object) -> None:
    subject = layout(tmp_path / "image", *LAYERS)
    first = offline("--local", str(tmp_path / "image"), "--format", name)
    assert first == offline("--local", str(tmp_path / "image"), "--format", name)
    told = reader.parse(first.encode())  # type: ignore[attr-defined]
    assert [str(each.purl) for each in told.components] == PURLS
    assert told.subject == subject


def test_what_was_not_seen_is_told_first(tmp_path: Path) -> None:
    layout(tmp_path / "image", UNSEEN)
    shown = offline("--local", str(tmp_path / "image"))
    assert "apk at lib/apk/db/installed" in shown
    assert "bin/x" in shown


def test_a_layer_that_is_not_what_its_digest_says_is_refused(tmp_path: Path) -> None:
    layout(tmp_path / "image", *LAYERS)
    blobs = (tmp_path / "image" / "blobs" / "sha256").iterdir()
    layer = next(path for path in blobs if path.read_bytes().startswith(b"\x1f\x8b"))
    data = bytearray(layer.read_bytes())
    data[4] ^= 1  # the time in the header of gzip, which changes nothing else
    layer.write_bytes(data)
    assert "is not sha256:" in offline("--local", str(tmp_path / "image"), code=1)


def test_a_folder_that_is_no_layout_is_told(tmp_path: Path) -> None:
    assert "OCI layout" in offline("--local", str(tmp_path), code=3)


def test_nothing_can_be_attached_without_a_server(tmp_path: Path) -> None:
    layout(tmp_path / "image", *LAYERS)
    assert "--attach" in offline("--local", str(tmp_path / "image"), "--attach", code=3)


@pytest.fixture
def served(serve: Serve, tmp_path: Path) -> Served:
    found = serve()
    layout(tmp_path / "image", *LAYERS)
    found.graven("push", str(tmp_path / "image"), "team/web:1.0")
    return found


def test_a_server_tells_what_is_in_an_artifact(served: Served) -> None:
    told = served.json("sbom", "team/web:1.0")
    assert [row["purl"] for row in told["inventory"]["components"]] == PURLS
    assert told["inventory"]["cataloguer"] == VERSION
    assert served.json("sbom", f"team/web@{told['subject']}") == told
    assert served.json("sbom", f"{served.host}/team/web:1.0") == told


def test_a_server_writes_the_bill_that_a_layout_gives(served: Served, tmp_path: Path) -> None:
    for name in ("cyclonedx", "spdx"):
        told = json.loads(served.graven("sbom", "team/web:1.0", "--format", name))
        local = json.loads(offline("--local", str(tmp_path / "image"), "--format", name))
        components = "components" if name == "cyclonedx" else "packages"
        assert told[components][1:] == local[components][1:]


def test_both_bills_are_attached_once_and_are_referrers(served: Served) -> None:
    first = served.json("sbom", "team/web:1.0", "--attach")
    assert [(row["format"], row["made"]) for row in first["attached"]] == [("cyclonedx", True), ("spdx", True)]
    again = served.json("sbom", "team/web:1.0", "--attach")
    assert [(row["digest"], row["made"]) for row in again["attached"]] == [
        (r["digest"], False) for r in first["attached"]
    ]


def test_an_artifact_that_is_not_there_is_not_found(served: Served) -> None:
    assert "team/web:2.0" in served.graven("sbom", "team/web:2.0", code=3)


def test_the_host_of_another_server_is_not_sent_the_token(served: Served) -> None:
    told = served.graven("sbom", "registry.example:5000/team/web:1.0", code=3)
    assert "GRAVEN_URL" in told


def test_a_format_that_there_is_not_is_told(served: Served) -> None:
    import httpx

    headers = {"Authorization": f"Bearer {served.token}"}
    answer = httpx.get(f"{served.url}/api/v1/sbom/team/web@1.0", params={"format": "xml"}, headers=headers)
    assert answer.status_code == 400
    assert "cyclonedx or spdx" in answer.text


def test_whoever_may_only_pull_attaches_nothing(served: Served) -> None:
    made = served.json("tokens", "create", "reader", "--scope", "pull:team/*")
    served.environ["GRAVEN_TOKEN"] = made["secret"]
    assert served.json("sbom", "team/web:1.0")["inventory"]["components"]
    served.graven("sbom", "team/web:1.0", "--attach", code=1)
