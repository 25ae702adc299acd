"""The pages in a real Chromium: no complaint, no sideways scrolling, and the keyboard reaches everything.

With ``PICTURES=1`` the screenshots take their places in docs/img; otherwise they lie in build/pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Serve
from interop.browser import Browser
from interop.conftest import Peer
from promoted import Loop

pytestmark = pytest.mark.interop

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / ("docs/img" if os.environ.get("PICTURES") else "build/pictures")
_REACHABLE = (
    "return [...document.querySelectorAll('a[href], summary, button, input')].filter(e => e.offsetParent).length"
)
_FOCUSED = "const e = document.activeElement; return e.tagName + ' ' + (e.getAttribute('href') || e.textContent)"
_SIDEWAYS = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def browser(peer: Peer, tmp_path: Path) -> Iterator[Browser]:
    found = Browser(peer("chromedriver"), peer("chromium"), tmp_path / "profile").start()
    yield found
    found.stop()


def test_the_pages_are_fit_to_be_looked_at(serve: Serve, browser: Browser) -> None:
    served = serve()
    loop = Loop(served, "shop/web").prepare()
    found = loop.push("1.0")
    served.graven("decide", "shop/web:1.0", "--stage", "production", code=1)
    loop.promote("1.0")
    served.graven("push", "layout-1.0", f"{served.host}/shop/unsigned:1.0")
    served.graven("decide", "shop/unsigned:1.0", "--stage", "test", code=1)
    decided = served.json("show", "shop/unsigned:1.0")["decisions"][0]["id"]
    pages = {
        "overview": "/",
        "stages": "/stages",
        "log": "/log",
        "repository": "/repositories/shop/web",
        "artifact": f"/artifacts/shop/web@{found}",
        "refused": f"/artifacts/shop/unsigned@{found}",
        "decision": f"/decisions/{decided}",
        "missing": "/repositories/no/such",
    }
    for name, path in pages.items():
        for width in (1280, 390):
            browser.resize(width)
            browser.open(f"http://x:{served.token}@{served.host}{path}")
            browser.open(f"http://{served.host}{path}")
            title = browser.run("return document.title")
            assert "graven" in title
            assert browser.run(_SIDEWAYS) == 0, f"{name} scrolls sideways at {width} px"
            said = [line for line in browser.complaints() if name != "missing" or "404" not in line]
            assert said == [], (name, width)
            assert (browser.run("return document.querySelectorAll('ol.way > li').length") >= 3) == (name == "decision")
            browser.picture(PICTURES / f"{name}{'' if width == 1280 else '-narrow'}.png")
        reachable = browser.run(_REACHABLE)
        reached = set()
        for _ in range(reachable + 2):
            browser.tab()
            reached.add(browser.run("return [...document.querySelectorAll('*')].indexOf(document.activeElement)"))
            assert browser.run(_FOCUSED), name
        assert len(reached) >= reachable, f"the keyboard reaches {len(reached)} of {reachable} on {name}"
