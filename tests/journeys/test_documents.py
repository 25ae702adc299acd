"""Every example of the README and of ``docs/`` runs as it is printed.

The ``sh`` blocks of a page are one script. A page that starts a server begins in an empty folder; every other goes on
where the tutorial ends: a copy of its folder, with the server running. The settings of a reader's shell that a page
does not speak of (where to listen, which server to ask) come from the environment. Blocks marked ``sh interop`` need
other programs, and run with the marker ``interop``. What kubectl does with the manifests of ``guard-a-cluster.md`` is
shown by ``tests/interop/test_kubernetes.py``, with a real API server.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from served import Served

pytestmark = pytest.mark.documents

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```sh([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LEFT_TO_A_CLUSTER = re.compile(r"^(kubectl|helm) |\| kubectl ", re.MULTILINE)
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
TUTORIAL = ROOT / "docs" / "tutorial" / "first-promotion.md"
MUST_RUN = {"README.md", "docs/index.md"}
"""Besides all of docs/tutorial and docs/how-to."""


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _blocks(page: Path, mark: str) -> list[str]:
    return [text for found, text in _BLOCK.findall(page.read_text()) if found.strip() == mark]


RUNNABLE = [page for page in PAGES if _blocks(page, "")]
INTEROP = [page for page in PAGES if _blocks(page, "interop")]


@dataclass
class Shell:
    """Runs a page's script in a folder, in a process group that ends with it."""

    folder: Path
    address: str

    def run(self, script: str, **more: str) -> None:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("GRAVEN_", "COSIGN_"))}
        env = plain | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{plain['PATH']}",
            "GRAVEN_LISTEN": self.address,
            "GRAVEN_URL": f"http://{self.address}",
            "NO_COLOR": "1",
            **more,
        }
        with (self.folder / "page.out").open("w") as out:
            process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", _checked(script)],
                cwd=self.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(timeout=100)
            finally:
                _end_group(process.pid)
        said = (self.folder / "page.out").read_text()
        assert code == 0, f"the page's script answered {code}; the end of what it said:\n{said[-3000:]}"
        assert "Traceback" not in said, said


def _checked(script: str) -> str:
    """Let ``! command`` fail the script where the command succeeds, which bash does not, nor with a usage error."""
    line = re.compile(r"^! (.*)$", re.MULTILINE)
    return line.sub(
        r'code=0; \1 || code=$?; [ "$code" = 1 ] || { echo "expected 1, got $code: line above"; exit 90; }', script
    )


def _end_group(group: int) -> None:
    """End what the page started and left running: its server."""
    try:
        os.killpg(group, signal.SIGTERM)
    except ProcessLookupError:
        return
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)


def _free_address() -> str:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{sock.getsockname()[1]}"


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder in which the tutorial was walked to its end, with its server ended."""
    folder = tmp_path_factory.mktemp("tutorial")
    address = _free_address()
    Shell(folder, address).run("".join(_blocks(TUTORIAL, "")))
    (folder / "address").write_text(address)
    return folder


@pytest.fixture
def after_tutorial(walked: Path, tmp_path: Path) -> Iterator[Served]:
    """Give a copy of what the tutorial left, with a server on it."""
    folder = tmp_path / "walked"
    shutil.copytree(walked, folder)
    (folder / "data").symlink_to(folder / "graven-data")
    served = Served(folder).start(listen=(walked / "address").read_text())  # of which the reviews speak
    yield served
    served.stop()


def test_the_tutorial_runs(walked: Path) -> None:
    assert (walked / "seen").exists()
    assert (walked / "event.tlog-proof").exists()


@pytest.mark.parametrize(
    "page", [p for p in RUNNABLE if "graven serve" in "".join(_blocks(p, "")) and p != TUTORIAL], ids=_name
)
def test_a_page_that_starts_a_server_runs_from_an_empty_folder(page: Path, tmp_path: Path) -> None:
    Shell(tmp_path, _free_address()).run("".join(_blocks(page, "")))


@pytest.mark.parametrize("page", [p for p in RUNNABLE if "graven serve" not in "".join(_blocks(p, ""))], ids=_name)
def test_a_page_goes_on_from_where_the_tutorial_ends(page: Path, after_tutorial: Served) -> None:
    shell = Shell(after_tutorial.folder, after_tutorial.host)
    shell.run("".join(_blocks(page, "")), GRAVEN_TOKEN=after_tutorial.token, GRAVEN_KEY_PASSWORD="only-a-tutorial")


@pytest.mark.interop
@pytest.mark.parametrize("page", INTEROP, ids=_name)
def test_a_page_runs_with_the_programs_of_others(page: Path, after_tutorial: Served) -> None:
    peers = Path(os.environ.get("GRAVEN_PEERS", Path.home() / ".cache" / "graven" / "peers")) / "bin"
    path = os.pathsep.join([str(Path(sys.executable).parent), str(peers), os.environ["PATH"]])
    shell = Shell(after_tutorial.folder, after_tutorial.host)
    shell.run(
        "".join(_blocks(page, "interop")),
        PATH=path,
        GRAVEN_TOKEN=after_tutorial.token,
        GRAVEN_KEY_PASSWORD="only-a-tutorial",
        COSIGN_PASSWORD="only-a-tutorial",
    )


def test_each_page_that_tells_what_to_do_has_something_to_run() -> None:
    told = {_name(page) for page in PAGES if page.parent.name in ("tutorial", "how-to")} | MUST_RUN
    assert told <= {_name(page) for page in (*RUNNABLE, *INTEROP)}


def test_a_page_marks_no_block_with_what_nobody_runs() -> None:
    for page in PAGES:
        for mark, _ in _BLOCK.findall(page.read_text()):
            assert mark.strip() in ("", "interop"), f"{_name(page)}: ```sh {mark.strip()}"


def test_what_needs_a_cluster_is_shown_by_a_test_that_has_one() -> None:
    pages = [
        page for page in PAGES if any(_LEFT_TO_A_CLUSTER.search(text) for _, text in _BLOCK.findall(page.read_text()))
    ]
    assert not pages, "kubectl is told in text blocks, and tests/interop/test_kubernetes.py runs it"
    assert (ROOT / "tests" / "interop" / "test_kubernetes.py").exists()


def test_a_failing_command_fails_its_page(tmp_path: Path) -> None:
    for script in ("false\ntrue\n", "! true\n", "! graven nonsense\n", "false | true\n"):
        with pytest.raises(AssertionError, match="answered"):
            Shell(tmp_path, "127.0.0.1:1").run(script)
