"""This machine's own Debian root, packed as a layer: what dpkg and importlib say is installed is what is found."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from archives import TAR
from graven.inventory import Inventory, catalogue_layer, squash
from graven.values import Digest

STATUS = Path("/var/lib/dpkg/status")
PACKAGES = Path("/usr/lib/python3/dist-packages")

pytestmark = pytest.mark.skipif(
    not STATUS.exists() or shutil.which("dpkg-query") is None or shutil.which("tar") is None,
    reason="this machine is no Debian",
)


@contextmanager
def packed(*names: str) -> Iterator[IO[bytes]]:
    there = [name for name in names if (Path("/") / name).exists()]
    with subprocess.Popen(
        ["tar", "-c", "-C", "/", *there], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    ) as process:
        assert process.stdout is not None
        yield process.stdout


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    names = (
        "bin",
        "sbin",
        "lib",
        "lib64",
        "etc/os-release",
        "usr/lib/os-release",
        "usr/lib/python3",
        "usr/bin",
        "var/lib/dpkg",
    )
    with packed(*names) as reader:
        return squash([catalogue_layer(reader, media_type=TAR, layer=Digest.of(b""))])


def test_dpkg_finds_the_same_packages(inventory: Inventory) -> None:
    shown = "${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n"
    done = subprocess.run(["dpkg-query", "-W", "-f", shown], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    expected = {tuple(row[1:]) for row in rows if row[0] not in ("config-files", "not-installed")}
    found = {
        (
            c.purl.name,
            c.purl.version,
            c.purl.qualifier("arch"),
            c.source or c.purl.name,
            c.source_version or c.purl.version,
        )
        for c in inventory.components
        if c.purl.type == "deb"
    }
    assert found == expected


def test_python_finds_the_same_packages(inventory: Inventory) -> None:
    expected = {
        (one.metadata["Name"].lower(), one.version) for one in importlib.metadata.distributions(path=[str(PACKAGES)])
    }
    folder = str(PACKAGES).lstrip("/")
    names = {c.path: c.purl for c in inventory.components if c.purl.type == "pypi" and c.path.startswith(folder)}
    found = {(purl.name.replace("-", "_"), purl.version) for purl in names.values()}
    assert found == {(name.replace("-", "_").replace(".", "_"), version) for name, version in expected}


def test_an_executable_is_told_as_unowned_where_dpkg_knows_no_owner(inventory: Inventory) -> None:
    unowned = [path for path in inventory.coverage.unowned_executables if path.startswith("usr/bin/")]
    for path in unowned:
        known = subprocess.run(["dpkg-query", "-S", f"/{path}"], capture_output=True, check=False).returncode == 0
        assert not known, path
    owned = subprocess.run(["dpkg-query", "-S", "/usr/bin/dpkg"], capture_output=True, text=True, check=True)
    assert "usr/bin/dpkg" not in unowned
    assert owned.stdout.startswith("dpkg")
