"""Starts the real server in a process of its own, and runs the real commands against it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from graven.cli import main

GRAVEN = [sys.executable, "-m", "graven"]
_LISTENS = re.compile(r"listens on (https?)://(\S+)")


@dataclass
class Served:
    """A server on loopback with a folder of its own."""

    folder: Path
    flags: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)
    url: str = ""
    process: subprocess.Popen[str] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    @property
    def token(self) -> str:
        return (self.folder / "admin.token").read_text().strip()

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    @property
    def env(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("GRAVEN_")}
        ca = self.data / "keys" / "tls-ca.pem"
        trust = {"GRAVEN_CA_FILE": str(ca)} if ca.exists() else {}
        # The commands by their names, for scripts
        path = f"{Path(sys.executable).parent}:{plain['PATH']}"
        return (
            plain
            | {"GRAVEN_URL": self.url, "GRAVEN_TOKEN": self.token, "PATH": path, "NO_COLOR": "1"}
            | trust
            | self.environ
        )

    def start(self, *, listen: str = "127.0.0.1:0") -> Served:
        command = [*GRAVEN, "serve", "--data", str(self.data), "--listen", listen]
        command += ["--admin-token-file", str(self.folder / "admin.token"), *self.flags]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("GRAVEN_")}
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=plain | self.environ
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = _LISTENS.search(line)
            if found:
                self.url = f"{found[1]}://{found[2]}"
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return self
        raise AssertionError(f"the server did not start:\n{self.log}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        code = self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code

    def graven(self, *words: str, code: int | None = 0, data: str | None = None, cwd: Path | None = None) -> str:
        """Run a command; its output, and its exit code held against ``code``.

        It runs in this process, which saves the start of one: what processes add is held where they are started
        (``tests/journeys``, ``tests/interop``).
        """
        done, out, err = _run(words, self.env, data or "", cwd or self.folder)
        assert code is None or done == code, (words, done, out, err)
        assert "Traceback" not in err, err
        return out if code == 0 else out + err

    def json(self, *words: str, code: int | None = 0, data: str | None = None) -> Any:
        """Run a command with ``--output json``."""
        text = self.graven(*words, "--output", "json", code=code, data=data)
        return json.loads(text) if code == 0 else json.JSONDecoder().raw_decode(text)[0]


def _run(words: Sequence[str], env: dict[str, str], data: str, cwd: Path) -> tuple[int, str, str]:
    """The exit code of a command, what it wrote, and what it complained of."""
    streams = {name: io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for name in ("out", "err")}
    given = io.TextIOWrapper(io.BytesIO(data.encode()), encoding="utf-8")
    with (
        chdir(cwd),
        mock.patch.dict(os.environ, env, clear=True),
        mock.patch.object(sys, "stdin", given),
        redirect_stdout(streams["out"]),
        redirect_stderr(streams["err"]),
    ):
        try:
            code = main(list(words))
        except SystemExit as e:  # of argparse
            code = e.code if isinstance(e.code, int) else 1
    out, err = (each.buffer.getvalue().decode() for each in streams.values())
    return code, out, err
