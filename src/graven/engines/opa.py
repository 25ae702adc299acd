"""Owns the second engine: an ``opa`` found on PATH, asked once or, as a server on a free port, many times.

What it answers is held against graven's own answer by ``compare``; disagreement is an error, never a choice.
"""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from graven.engines.policyfiles import exact_json
from graven.errors import GravenError, Malformed, Unavailable

__all__ = ["Disagreement", "Opa", "Server", "compare"]

_PATIENCE = 30.0
_LONGEST = 600.0


class Disagreement(GravenError):
    """The two engines do not give one answer."""


@dataclass(frozen=True, slots=True)
class Opa:
    """The program, and the policies that it is asked about."""

    program: str
    policies: tuple[str, ...] = ()
    """Files and folders of rules and data."""
    bundles: tuple[str, ...] = ()
    v0: bool = False

    @classmethod
    def found(cls, policies: Sequence[str] = (), *, bundles: Sequence[str] = (), v0: bool = False) -> Self:
        """Find the program on PATH.

        Raises:
            Unavailable: there is none.
        """
        program = shutil.which("opa")
        if program is None:
            raise Unavailable("got no `opa` on PATH", hint="install OPA, or leave out --engine opa and --cross-check")
        return cls(program, tuple(policies), tuple(bundles), v0)

    def eval(self, words: Sequence[str], given: bytes | None = None, *, patience: float = _LONGEST) -> dict[str, Any]:
        """Run ``opa eval`` with these arguments and give its whole answer.

        Raises:
            Malformed: it says errors instead of an answer.
            Unavailable: it cannot be run, or gives no answer in time.
        """
        command = [self.program, "eval", "--format", "json", *words]
        try:
            done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=patience)  # noqa: S603 - the program that the caller asked for
        except subprocess.TimeoutExpired:
            raise Unavailable(f"`opa` did not answer within {patience:g} s") from None
        except OSError as e:
            raise Unavailable(f"`opa` cannot be run: {e}") from e
        return _answer(done.stdout, done.stderr)

    def evaluate(self, query: str, given: object) -> Any:
        """Answer one question, by a process of its own; None where it is undefined.

        Raises:
            Malformed: it says errors instead of an answer.
        """
        words = [word for path in self.policies for word in ("--data", path)]
        words += [word for path in self.bundles for word in ("--bundle", path)]
        words += ["--v0-compatible"] * self.v0
        results = self.eval(["--stdin-input", *words, query], json.dumps(given).encode()).get("result", [])
        return results[0]["expressions"][0]["value"] if results else None

    def serve(self) -> Server:
        """Start it as a server, to be ended by leaving the ``with`` block."""
        return Server(self)


class Server:
    """A running ``opa run --server`` on loopback."""

    def __init__(self, opa: Opa) -> None:
        self.port = _free_port()
        words = ["run", "--server", "--addr", f"127.0.0.1:{self.port}", "--log-level", "error", "--disable-telemetry"]
        words += ["--v0-compatible"] * opa.v0 + [word for path in opa.bundles for word in ("--bundle", path)]
        self.said = TemporaryFile()  # noqa: SIM115 - `close` closes it; a pipe that nobody reads would stop the program
        try:
            self.process = subprocess.Popen(  # noqa: S603 - the program that the caller asked for
                [opa.program, *words, *opa.policies],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.said,
            )
        except OSError as e:
            self.said.close()
            raise Unavailable(f"`opa` cannot be run: {e}") from e

    def __enter__(self) -> Self:
        """Wait until it answers.

        Raises:
            Unavailable: it ended, or does not answer in time.
        """
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if self.process.poll() is not None:
                self.said.seek(0)
                said = self.said.read(4096).decode(errors="replace")
                self.close()
                raise Unavailable(f"`opa` did not start: {' '.join(said.split())[:400]}")
            try:
                self._ask("/health", None)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.02)
            else:
                return self
        self.close()
        raise Unavailable(f"`opa` did not answer within {_PATIENCE:.0f} s")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.said.close()

    def evaluate(self, query: str, given: object) -> Any:
        """Answer a question; None where it is undefined.

        Raises:
            Malformed: it says errors instead of an answer.
            Unavailable: it does not answer.
        """
        found = self._told("/v1/query", json.dumps({"query": f"result = {query}", "input": given}))
        results = found.get("result", [])
        return results[0]["result"] if results else None

    def document(self, steps: Sequence[str], given: str) -> dict[str, Any]:
        """Give the answer with the document at some steps, if it is defined; a builtin that fails is an error.

        Raises:
            Malformed: it says errors instead of an answer.
            Unavailable: it does not answer.
        """
        return self._told(f"/v1/data/{_path(steps)}?strict-builtin-errors=true", f'{{"input":{given}}}')

    def put(self, steps: Sequence[str], value: str) -> None:
        """Put a base document.

        Raises:
            Malformed: it says errors.
            Unavailable: it does not answer.
        """
        self._told(f"/v1/data/{_path(steps)}", value, "PUT")

    def _told(self, path: str, body: str | None, method: str = "POST") -> dict[str, Any]:
        try:
            return self._ask(path, body, method)
        except urllib.error.HTTPError as e:
            with e:
                raise Malformed(f"opa: {' '.join(e.read().decode(errors='replace').split())[:600]}") from e
        except (OSError, http.client.HTTPException, ValueError) as e:
            raise Unavailable(f"`opa` does not answer: {e}") from e

    def _ask(self, path: str, body: str | None, method: str = "GET") -> dict[str, Any]:
        data = None if body is None else body.encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=data,
            headers={"Content-Type": "application/json"},
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=_PATIENCE) as answer:
            found = exact_json(answer.read() or b"{}")
        if not isinstance(found, dict):
            raise http.client.HTTPException("its answer is no object")
        return found


def _path(steps: Sequence[str]) -> str:
    return "/".join(urllib.parse.quote(step, safe="") for step in steps)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answer(out: bytes, err: bytes) -> dict[str, Any]:
    try:
        found = exact_json(out)
    except ValueError:
        raise Unavailable(f"`opa` gave no answer: {err.decode(errors='replace').strip()[:400]}") from None
    errors = found.get("errors") if isinstance(found, dict) else None
    if errors and isinstance(errors, list):
        told = [each.get("message") if isinstance(each, dict) else each for each in errors]
        raise Malformed(f"opa: {'; '.join(map(str, told))}")
    if not _is_answer(found):
        raise Unavailable(f"`opa` gave no answer: {out[:200].decode(errors='replace')}", hint="is it OPA's own?")
    return dict(found)


def _is_answer(found: Any) -> bool:
    """Say whether something has the form of the answers of ``opa eval``."""
    results = found.get("result", []) if isinstance(found, dict) else None
    return (
        isinstance(results, list)
        and not found.get("errors")
        and all(
            isinstance(result, dict)
            and bool(expressions := result.get("expressions"))
            and isinstance(expressions, list)
            and all(isinstance(each, dict) and "value" in each for each in expressions)
            for result in results
        )
    )


def compare(own: dict[str, Any], other: dict[str, Any], query: str) -> None:
    """Hold graven's answer against OPA's; the order of solutions is not looked at.

    Raises:
        Disagreement: they differ; says where.
    """
    mine, theirs = (sorted(map(_solution, each.get("result", []))) for each in (own, other))
    if mine == theirs:
        return
    at = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))
    ours, opas = (found[at][:300] if at < len(found) else "nothing" for found in (mine, theirs))
    raise Disagreement(
        f"graven and opa disagree on {query}: graven says {ours}, opa says {opas}",
        hint="report it; trust neither answer until it is known which is right",
    )


def _solution(result: dict[str, Any]) -> str:
    told = {"values": [each["value"] for each in result["expressions"]], "bindings": result.get("bindings", {})}
    return json.dumps(told, sort_keys=True, default=str)
