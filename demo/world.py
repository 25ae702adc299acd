"""The demo's world: a folder, a server on loopback in a process of its own, and commands that are run against it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from narration import Narration

__all__ = ["Stopped", "World"]

_LISTENS = re.compile(r"listens on (https?://\S+)")


class Stopped(Exception):
    """A command did not answer as the demo says it does."""


class World:
    """Holds the server and runs commands, shown as a person would type them."""

    def __init__(self, folder: Path, narration: Narration) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.narration = narration
        self.url = ""
        self._server: subprocess.Popen[str] | None = None

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    @property
    def token(self) -> str:
        return (self.folder / "admin.token").read_text().strip()

    def start(self, listen: str = "127.0.0.1:0") -> None:
        command = [*_graven(), "serve", "--data", str(self.data), "--listen", listen]
        command += ["--admin-token-file", str(self.folder / "admin.token")]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("GRAVEN_")}
        with (self.folder / "server.log").open("a") as log:
            self._server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=plain)
        assert self._server.stdout is not None
        for line in self._server.stdout:
            if found := _LISTENS.search(line):
                self.url = found[1]
                return
        raise Stopped(f"the server did not start; its log is {self.folder / 'server.log'}")

    def stop(self) -> None:
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(timeout=20)
            self._server = None

    def leave(self) -> None:
        """Let the server run on."""
        self._server = None

    def graven(self, *words: str, code: int = 0, show: bool = True, most: int = 40, into: str = "") -> str:
        """Run a graven command; show it and its output; hold its exit code against what the demo says."""
        if show:
            redirected = [">", into] if into else []
            self.narration.command(" ".join(["graven", *map(_shown, words), *redirected]))
        done = subprocess.run(
            [*_graven(), *words], capture_output=True, text=True, env=self._environ(), cwd=self.folder, check=False
        )
        if into:
            (self.folder / into).write_text(done.stdout)
        text = done.stderr if into else done.stdout + done.stderr
        if show:
            self.narration.output(text, most=most)
        if done.returncode != code:
            if not show:
                self.narration.output(text)
            raise Stopped(f"'graven {words[0]}' answered {done.returncode}, and the demo expected {code}")
        return text

    def json(self, *words: str, code: int = 0) -> Any:
        """Run a command for its JSON, silently."""
        return json.JSONDecoder().raw_decode(self.graven(*words, "--output", "json", code=code, show=False))[0]

    def push(self, layout: Path, reference: str) -> None:
        """Push an image layout over the OCI protocol: with skopeo where it is, or else with graven itself."""
        target = f"{self.host}/{reference}"
        if shutil.which("skopeo") is None:
            self.graven("push", layout.name, target)
            return
        self.narration.command(f"skopeo copy oci:{layout.name}:latest docker://{target}")
        options = ["--quiet", "--preserve-digests", "--dest-tls-verify=false", f"--dest-creds=demo:{self.token}"]
        words = ["skopeo", "copy", *options, f"oci:{layout}:latest", f"docker://{target}"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        self.narration.output(done.stdout + done.stderr)
        if done.returncode != 0:
            raise Stopped(f"skopeo answered {done.returncode}")

    def _environ(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("GRAVEN_")}
        known = {"GRAVEN_URL": self.url, "GRAVEN_TOKEN": self.token, "GRAVEN_KEY_PASSWORD": "demo-fixture"}
        return plain | known | {"NO_COLOR": "1", "COLUMNS": "118"}


def _graven() -> list[str]:
    return [sys.executable, "-m", "graven"]


def _shown(word: str) -> str:
    """Cut digests, as a person would when telling."""
    return re.sub(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}", r"\1…", shlex.quote(word))
