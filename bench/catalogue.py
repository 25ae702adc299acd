"""Catalogue of a large image: graven beside syft, with the same three cataloguers; time, memory, and what each found.

The image is made once, outside the tree, of what this machine's dpkg installed (where it has one) and of what pip and
npm install at pinned versions; nothing is run as root. It is pushed into an empty server, and the first answer of
``/api/v1/inventory`` is timed, then the second. syft reads the same OCI layout, once with the cataloguers for dpkg,
Python and Node alone, once as it comes. Differences are printed; what explains them is in ``EXPLAINED``.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from memory import Watch, pss
from served import Served

PEERS = Path(os.environ.get("GRAVEN_PEERS", Path.home() / ".cache" / "graven" / "peers"))
IMAGE = PEERS / "images" / "catalogue-2"
"""Its number changes with what is in it."""
ROUNDS = int(os.environ.get("ROUNDS", "3"))
LEAST = 300 << 20
FASTER, MEMORY_MB, AGAIN_S = 5.0, 60, 0.2

PYTHON = """numpy==2.3.4 scipy==1.16.3 pandas==2.3.3 scikit-learn==1.7.2 pyarrow==22.0.0 matplotlib==3.10.7 Flask==3.1.2
    Django==5.2.8 SQLAlchemy==2.0.44 requests==2.32.5 boto3==1.40.64 celery==5.5.3 fastapi==0.121.0 jupyterlab==4.4.10
    ansible-core==2.19.3 cryptography==46.0.3 pillow==12.0.0"""
NODE = """express@5.1.0 webpack@5.102.1 webpack-cli@6.0.1 typescript@5.9.3 eslint@9.39.0 react@19.2.0 react-dom@19.2.0
    jest@30.2.0 vite@7.1.12 @nestjs/core@11.1.8 @nestjs/common@11.1.8 next@16.0.1 aws-cdk-lib@2.221.1 firebase@12.5.0"""
DEBIAN = ("var/lib/dpkg", "usr/bin", "usr/sbin", "usr/lib/python3", "usr/share/doc")
LINKS = ("bin", "sbin", "lib", "lib64")
SELECTED = "dpkg-db-cataloger,python-installed-package-cataloger,javascript-package-cataloger"

EXPLAINED = ((re.compile(r"^npm:[^@]+ "), "a package.json without a version is part of the package that it is in"),)
"""Of the line that is printed, what of it explains the difference."""


def main() -> int:
    layout = IMAGE if (IMAGE / "index.json").exists() else make(IMAGE)
    size = sum(path.stat().st_size for path in (layout / "blobs" / "sha256").iterdir())
    print(f"image: {size / 1e6:.0f} MB compressed, {len(list((layout / 'blobs' / 'sha256').iterdir())) - 2} layers")
    assert size >= LEAST, f"the image has {size} bytes, expected at least {LEAST}"
    runs = [graven(layout) for _ in range(ROUNDS)]
    first, again = median(run["first"] for run in runs), median(run["again"] for run in runs)
    memory = max(run["memory"] for run in runs)
    peer = Path(shutil.which("syft", path=f"{PEERS / 'bin'}{os.pathsep}{os.environ['PATH']}") or "")
    if not peer.name:
        print("syft is not installed: make peers installs it")
        return 1
    # Once each: it takes so much longer that noise does not decide.
    selected, whole = syft(peer, layout, "--override-default-catalogers", SELECTED), syft(peer, layout)
    compare(runs[0]["inventory"], selected["packages"])
    seconds = selected["seconds"]
    rows = (
        (f"graven {first:.2f} s, syft with the same cataloguers {seconds:.2f} s", seconds / first, FASTER, True),
        (
            f"syft as it comes {whole['seconds']:.2f} s, {whole['memory']:.0f} MB",
            whole["seconds"] / first,
            FASTER,
            True,
        ),
        ("MB above the idle server", memory, MEMORY_MB, False),
        ("seconds for the second answer", again, AGAIN_S, False),
    )
    for what, value, bar, more in rows:
        met = value >= bar if more else value <= bar
        print(f"{what}: {value:.2f} ({'>=' if more else '<='} {bar}): {'met' if met else 'MISSED'}")
    return 0 if all(value >= bar if more else value <= bar for _, value, bar, more in rows) else 1


def graven(layout: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="graven-bench-") as name:
        served = Served(Path(name)).start()
        try:
            served.graven("push", str(layout), "bench/image:1")
            assert served.process is not None
            time.sleep(2)
            idle, watch = pss(served.process.pid), Watch(served.process.pid)
            watch.start()
            begun = time.perf_counter()
            found = ask(served)
            first = time.perf_counter() - begun
            watch.over.set()
            watch.join()
            begun = time.perf_counter()
            ask(served)
            again = time.perf_counter() - begun
        finally:
            served.stop()
    return {"inventory": found, "first": first, "again": again, "memory": watch.most - idle}


def ask(served: Served) -> dict[str, Any]:
    import httpx

    headers = {"Authorization": f"Bearer {served.token}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=600, trust_env=False) as client:
        answer = client.get("/api/v1/inventory/bench/image@1")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()["inventory"]
        return found


def syft(program: Path, layout: Path, *options: str) -> dict[str, Any]:
    environ = os.environ | {"SYFT_CHECK_FOR_APP_UPDATE": "false"}
    begun = time.perf_counter()
    done = subprocess.run(
        [program, "scan", f"oci-dir:{layout}", "-o", "json", "-q", *options],
        check=True,
        capture_output=True,
        env=environ,
    )
    seconds = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    return {"packages": json.loads(done.stdout)["artifacts"], "seconds": seconds, "memory": memory}


def compare(inventory: dict[str, Any], packages: list[dict[str, Any]]) -> None:
    """Hold both results against one another, by type, name and version."""
    ours = {_key(row["purl"]) for row in inventory["components"]}
    theirs = {_key(row["purl"]) for row in packages if row["purl"]}
    print(f"packages: graven {len(ours)}, syft {len(theirs)}, both {len(ours & theirs)}")
    for name, rest, rows in (("graven", ours - theirs, inventory["components"]), ("syft", theirs - ours, packages)):
        told: dict[str, list[str]] = {}
        for key in sorted(rest):
            row = next(row for row in rows if row["purl"] and _key(row["purl"]) == key)
            place = row.get("path") or row["locations"][0]["path"]
            why = next((why for pattern, why in EXPLAINED if pattern.search(f"{key} {place}")), "NOT EXPLAINED")
            told[why] = [*told.get(why, []), f"{key} at {place}"]
        for why, lines in sorted(told.items()):
            print(f"  only {name}, {len(lines)}: {why}; such as {'; '.join(lines[:5])}")


def _key(purl: str) -> str:
    kind, _, rest = purl.removeprefix("pkg:").partition("?")[0].partition("/")
    return f"{kind}:{rest.removeprefix('debian/')}"


def make(folder: Path) -> Path:
    """Write the image as an OCI layout."""
    with tempfile.TemporaryDirectory(prefix="graven-image-") as name:
        work = Path(name)
        (work / "layout" / "blobs" / "sha256").mkdir(parents=True)
        (work / "layout" / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        layers = [layer(work, root, under) for root, under in roots(work)]
        config = {"architecture": "amd64", "os": "linux", "created": "2026-01-01T00:00:00Z", "config": {}}
        config["rootfs"] = {"type": "layers", "diff_ids": [diff for _, diff in layers]}
        kind = "application/vnd.oci.image"
        manifest = {"schemaVersion": 2, "mediaType": f"{kind}.manifest.v1+json", "layers": [row for row, _ in layers]}
        manifest["config"] = blob(work, json.dumps(config).encode(), f"{kind}.config.v1+json")
        row = blob(work, json.dumps(manifest).encode(), f"{kind}.manifest.v1+json")
        index = {"schemaVersion": 2, "mediaType": f"{kind}.index.v1+json", "manifests": [row]}
        (work / "layout" / "index.json").write_text(json.dumps(index))
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(work / "layout", folder)
    return folder


def roots(work: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Give, for each layer, a folder and what of it goes in."""
    if Path("/var/lib/dpkg/status").exists():
        yield Path("/"), (*LINKS, "etc/os-release", "usr/lib/os-release", *DEBIAN)
    site = work / "python" / "usr" / "local" / "lib" / "python3" / "site-packages"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-warn-conflicts",
    ]
    subprocess.run([*pip, "--only-binary", ":all:", "--target", site, *PYTHON.split()], check=True)
    yield work / "python", ("usr",)
    app = work / "node" / "app"
    app.mkdir(parents=True)
    (app / "package.json").write_text('{"name": "bench-app", "version": "1.0.0", "private": true}')
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--legacy-peer-deps"]
    subprocess.run(["npm", "install", *quiet, *NODE.split()], check=True, cwd=app, stdout=subprocess.DEVNULL)
    yield work / "node", ("app",)


def layer(work: Path, root: Path, under: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    plain, packed = work / "layer.tar", work / "layer.tar.gz"
    with tarfile.open(plain, "w") as archive:
        for name in under:
            if (root / name).exists():
                archive.add(root / name, name, filter=_readable)
    diff = f"sha256:{_digest(plain)}"
    with plain.open("rb") as source, gzip.GzipFile(packed, "wb", 6, mtime=0) as out:
        shutil.copyfileobj(source, out, 1 << 20)
    digest, size = _digest(packed), packed.stat().st_size
    packed.rename(work / "layout" / "blobs" / "sha256" / digest)
    plain.unlink()
    media_type = "application/vnd.oci.image.layer.v1.tar+gzip"
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": size}, diff


def _readable(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out sockets and devices, make all of it root's, and keep whole seconds, as image builders do."""
    member.mtime = int(member.mtime)
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member if member.isreg() or member.isdir() or member.issym() or member.islnk() else None


def blob(work: Path, data: bytes, media_type: str) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    (work / "layout" / "blobs" / "sha256" / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
