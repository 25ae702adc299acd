"""A real Chromium, driven over WebDriver (W3C) by its own chromedriver on loopback."""

from __future__ import annotations

import base64
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from interop.cluster import free_port

_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_TAB = "\ue004"


@dataclass
class Browser:
    driver: str
    chromium: str
    profile: Path
    process: subprocess.Popen[bytes] | None = None
    http: httpx.Client = field(init=False)
    session: str = ""

    def start(self) -> Browser:
        port = free_port()
        self.process = subprocess.Popen([self.driver, f"--port={port}"], stdout=subprocess.DEVNULL)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
        options = {"binary": self.chromium, "args": [*_FLAGS, f"--user-data-dir={self.profile}"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        for _ in range(50):
            try:
                made = self.http.post("/session", json={"capabilities": {"alwaysMatch": wanted}})
                break
            except httpx.TransportError:
                time.sleep(0.2)
        self.session = f"/session/{made.json()['value']['sessionId']}"
        return self

    def stop(self) -> None:
        self._send("DELETE", "")
        self.http.close()
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=20)

    def resize(self, width: int, height: int = 900) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._cdp("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, url: str) -> None:
        self._send("POST", "/url", {"url": url})

    def run(self, script: str) -> Any:
        return self._send("POST", "/execute/sync", {"script": script, "args": []})

    def tab(self) -> None:
        key = {"type": "key", "id": "keyboard", "actions": [{"type": t, "value": _TAB} for t in ("keyDown", "keyUp")]}
        self._send("POST", "/actions", {"actions": [key]})

    def complaints(self) -> list[str]:
        found = self._send("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in found if entry["level"] in ("SEVERE", "WARNING")]

    def picture(self, path: Path) -> None:
        shot = self._cdp("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _cdp(self, command: str, params: dict[str, Any]) -> Any:
        return self._send("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        found = self.http.request(method, self.session + path, json=body if method == "POST" else None)
        assert found.status_code == 200, found.text
        return found.json()["value"]
