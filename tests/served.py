"""Starts the real server in a process of its own, and runs the real commands against it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        """Run a command; its output, and its exit code held against ``code``."""
        done = subprocess.run(
            [*GRAVEN, *words],
            env=self.env,
            input=data,
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd or self.folder,
            timeout=120,
        )
        assert code is None or done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr

    def json(self, *words: str, code: int | None = 0, data: str | None = None) -> Any:
        """Run a command with ``--output json``."""
        text = self.graven(*words, "--output", "json", code=code, data=data)
        return json.loads(text) if code == 0 else json.JSONDecoder().raw_decode(text)[0]
