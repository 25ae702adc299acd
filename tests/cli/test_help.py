"""Each command's help has an example; each example parses, and each that can runs against one server, in order."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shlex
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graven.cli import COMMANDS
from promoted import ADVISORY, Loop, layout
from served import Served

pytestmark = pytest.mark.documents

NAMES = [name for group in COMMANDS.values() for name in group]
ONLY_PARSED = {
    "graven conftest test": "needs rules with findings; docs/how-to/replace-conftest.md runs it",
    "graven test": "needs rules with findings; tests/cli/test_test.py and docs/how-to/test-configuration.md run it",
    "graven serve": "starts a server on a fixed port; tests/served.py starts one for each test",
    "graven audit rebuild": "needs the server to have ended; tests/cli/test_audit.py rebuilds",
    "graven admission manifests": "needs TLS and kubectl; tests/interop/test_kubernetes.py pipes it to kubectl",
}
_ZEROS = "sha256:" + "0" * 64
_ID = "0198c5f0-5a3e-7000-8000-000000000000"
_ANSWERS = {"graven scan app/web:1.0 --fail-on high": (0, 1), "graven doctor": (0, 1)}
"""Where no is as good an answer as yes."""


def _examples(name: str) -> list[str]:
    text = importlib.import_module(f"graven.cli.{name}").HELP.replace("\\\n", " ")
    return [" ".join(line.split()) for line in re.findall(rf"^  (graven {name}\b.*)$", text, re.MULTILINE)]


EXAMPLES = [example for name in NAMES for example in _examples(name)]
RUN = [example for example in EXAMPLES if not example.startswith(tuple(ONLY_PARSED))]


@pytest.mark.parametrize("name", NAMES)
def test_each_command_has_an_example(name: str) -> None:
    assert _examples(name)


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_parses(example: str) -> None:
    words = shlex.split(re.split(r" [|<>] ", example)[0])[1:]
    command = importlib.import_module(f"graven.cli.{words[0]}")
    parser = argparse.ArgumentParser(prog=f"graven {words[0]}", allow_abbrev=False, exit_on_error=False)
    command.configure(parser)
    parser.parse_args(words[1:])


def test_what_is_only_parsed_is_there() -> None:
    assert all(any(example.startswith(name) for example in EXAMPLES) for name in ONLY_PARSED)


@dataclass
class Prepared:
    """A server and a folder in which everything lies that the examples speak of."""

    served: Served
    digest: str
    earlier: str
    """What stood in test of team/web before."""

    def run(self, example: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", self._settled(example)],
            cwd=self.served.folder,
            env=self.served.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def _settled(self, example: str) -> str:
        """Put what was made here where the example has a placeholder."""
        verb = example.split()[1]
        digests: dict[str, Callable[[], str]] = {"replay": self._decision, "rollback": lambda: self.earlier}
        ids = {"tokens": self._token, "waive": self._waiver}
        if _ZEROS in example or "sha256:<digest>" in example:
            digest = digests.get(verb, lambda: self.digest)()
            example = example.replace(_ZEROS, digest).replace("sha256:<digest>", digest)
        if _ID in example:
            example = example.replace(_ID, ids[verb]())
        served = self.served
        return example.replace("http://127.0.0.1:7331", served.url).replace("registry.example:5000", served.host)

    def _decision(self) -> str:
        return str(self.served.json("decide", "team/web:1.0", "--stage", "dev")["decision"])

    def _token(self) -> str:
        return str(self.served.json("tokens", "list")["tokens"][-1]["token"])

    def _waiver(self) -> str:
        return str(self.served.json("waive", "list")["waivers"][0]["waiver"])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    served = Served(tmp_path_factory.mktemp("help")).start()
    try:
        yield _prepare(served)
    finally:
        served.stop()


def _prepare(served: Served) -> Prepared:
    loop = Loop(served, "team/web").prepare()
    digest = loop.push("1.0")
    loop.promote("1.0")
    served.graven("push", "layout-1.0", "app/web:1.0")
    served.graven("sign", "app/web:1.0", "--key", "release.key")
    served.graven("sbom", "app/web:1.0", "--attach")
    folder = served.folder
    later = loop.push("2.0")
    loop.promote("2.0", "dev", "test")
    for name in ("security", "root-1"):
        served.graven("keys", "generate", "--out", name)
    served.graven("tokens", "create", "ann", "--scope", "pull", "--kind", "person")
    _write_files(folder, served, digest)
    for name in ("release.key", "release.pub", "trust.json"):  # which the examples make
        (folder / name).unlink()
    return Prepared(served, digest, later)


def _write_files(folder: Path, served: Served, digest: str) -> None:
    layout(folder / "image", label="1.0")
    (folder / "graven-data").symlink_to(served.data)
    (folder / "dist").mkdir()
    (folder / "dist" / "tool.tar.gz").write_bytes(b"a tool")
    (folder / "advisories").mkdir()
    record = json.dumps(ADVISORY)
    (folder / "advisories" / "one.json").write_text(record)
    with zipfile.ZipFile(folder / "npm-all.zip", "w") as archive:
        archive.writestr("TEST-2026-1.json", record)
    subprocess.run(
        [
            "openssl",
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            str(folder / "old.pem"),
        ],
        check=True,
        capture_output=True,
    )
    (folder / "stages.yaml").write_text("stages:\n  - name: dev\n  - name: test\n  - name: production\n")
    (folder / "policies").mkdir()
    (folder / "policies" / "policy.yaml").write_text("rules:\n  - {name: signed, entries: [data.signed.allow]}\n")
    (folder / "policies" / "signed.rego").write_text(
        "package signed\n\nimport rego.v1\n\nallow if input.signature.verified\n"
    )
    (folder / "input.json").write_text('{"signature": {"verified": true}}')
    (folder / "review.json").write_text(json.dumps(_review(f"{served.host}/team/web@{digest}")))
    (folder / "web.cdx.json").write_text(served.graven("sbom", "app/web:1.0", "--format", "cyclonedx"))
    words = ("vex", "create", "--product", f"app/web@{digest}", "--vulnerability", "CVE-2026-0001", "--status", "fixed")
    (folder / "web.vex.json").write_text(served.graven(*words))


def _review(image: str) -> dict[str, object]:
    pods = {"group": "", "version": "v1"}
    spec = {"containers": [{"name": "main", "image": image}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}
    request = {
        "uid": "1",
        "operation": "CREATE",
        "kind": pods | {"kind": "Pod"},
        "resource": pods | {"resource": "pods"},
        "namespace": "shop",
        "name": "web",
        "userInfo": {"username": "tester"},
        "object": pod,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


_LAST = ("graven verify", "graven stages apply", "graven stages apply-policy", "graven trust apply", "graven revoke")
"""These need what the others make, or change what they stand on, and run behind them in this order."""


def _order(example: str) -> int:
    return next((place for place, words in enumerate(_LAST, start=1) if example.startswith(words)), 0)


def test_each_example_runs(prepared: Prepared) -> None:
    failed = []
    for example in sorted(RUN, key=_order):
        done = prepared.run(example)
        if done.returncode not in _ANSWERS.get(example, (0,)) or "Traceback" in done.stderr:
            failed.append(f"{example}\n  {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}")
    assert not failed, "\n".join(failed)
