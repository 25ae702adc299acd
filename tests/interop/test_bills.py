"""Bills of materials held against the schema of CycloneDX and against SPDX's own validator."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from archives import DEBIAN, ELF, file, metadata, report_of, stanza, symlink
from graven.evidence import cyclonedx, spdx
from graven.inventory import Inventory, squash
from graven.values import Digest
from interop.conftest import Peer

pytestmark = pytest.mark.interop

MOMENT = "2026-01-02T03:04:05.123456Z"
FULL = squash(
    [
        report_of(
            [
                DEBIAN,
                symlink("lib", "usr/lib"),
                file(
                    "var/lib/dpkg/status", stanza("libc6", "1:2.36-9~b+1", Source="glibc (2.36)", Maintainer="G <a@b>")
                ),
                file("s/flask-3.dist-info/METADATA", metadata("Flask", "3.0", License_Expression="BSD-3-Clause")),
                file("s/both-1.dist-info/METADATA", metadata("both", "1", License_Expression="MIT OR Apache-2.0")),
                file("s/odd-1.dist-info/METADATA", metadata("odd", "1", License='My "own" & yours', Author="Ω, é")),
                file("a/node_modules/@s/a/package.json", '{"name":"@s/a","version":"1","license":"MIT"}'),
                file("b/node_modules/@s/a/package.json", '{"name":"@s/a","version":"1","license":"MIT"}'),
                file("bin/x", ELF),
                file("lib/apk/db/installed", "x"),
            ]
        )
    ]
)
INVENTORIES = {
    "full": FULL,
    "empty": squash([]),
    "without-distribution": Inventory(None, FULL.components, FULL.coverage),
}


@pytest.mark.parametrize("name", INVENTORIES)
def test_a_cyclonedx_document_fits_the_schema_of_its_standard(peer: Peer, name: str) -> None:
    folder = Path(peer("cyclonedx-python")).readlink().parent.parent
    schemas = next(folder.glob("lib/python3*/site-packages/cyclonedx/schema/_res"))
    read = {path.name: json.loads(path.read_bytes()) for path in schemas.glob("*.SNAPSHOT.schema.json")}
    registry = jsonschema_rs.Registry(
        [(f"http://cyclonedx.org/schema/{name}", read[name]) for name in _REFERRED],
    )
    validator = jsonschema_rs.Draft7Validator(
        read["bom-1.6.SNAPSHOT.schema.json"], validate_formats=True, registry=registry
    )
    document = cyclonedx.render(INVENTORIES[name], subject=Digest.of(b"x"), name="team/web", moment=MOMENT)
    assert [fault.message for fault in validator.iter_errors(json.loads(document))] == []
    assert not validator.is_valid({**json.loads(document), "bomFormat": "other"})


_REFERRED = ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")


@pytest.mark.parametrize("name", INVENTORIES)
def test_an_spdx_document_passes_the_validator_of_its_project(peer: Peer, tmp_path: Path, name: str) -> None:
    document = spdx.render(INVENTORIES[name], subject=Digest.of(b"x"), name="team/web", moment=MOMENT)
    good, bad = tmp_path / "good.spdx.json", tmp_path / "bad.spdx.json"
    good.write_bytes(document)
    broken: dict[str, Any] = json.loads(document)
    broken["packages"][0]["licenseDeclared"] = "no licence (at all"
    bad.write_text(json.dumps(broken))
    assert _valid(peer, good) == (True, "")
    assert not _valid(peer, bad)[0]


def _valid(peer: Peer, path: Path) -> tuple[bool, str]:
    done = subprocess.run(
        [peer("pyspdxtools"), "-i", str(path), "--version", "SPDX-2.3"], capture_output=True, text=True, check=False
    )
    return done.returncode == 0, "" if done.returncode == 0 else done.stdout + done.stderr
