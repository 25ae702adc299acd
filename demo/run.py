"""``make demo``: the whole loop on real input, in a server of its own on loopback.

    push -> catalogue -> evidence -> decide -> promote -> admit -> audit

With ``KEEP=1`` the server stays up and the address of its pages is printed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from loop import STEPS
from narration import Narration
from world import Stopped, World

__all__ = ["main"]


def main() -> int:
    narration = Narration()
    folder = Path(tempfile.mkdtemp(prefix="graven-demo-"))
    world = World(folder, narration)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    keep = os.environ.get("KEEP", "") not in ("", "0")
    started = time.monotonic()
    kept = stopped = False
    try:
        narration.title("graven: from a push to a proof, in one command")
        for number, (title, step) in enumerate(STEPS, 1):
            narration.step(number, title)
            step(world)
        narration.say(f"\nThe whole loop took {time.monotonic() - started:.0f} seconds.")
        kept = keep
        narration.ending(_ending(world, keep=keep))
    except Stopped as e:
        narration.verdict(good=False, text=f"the demo stopped: {e}")
        narration.say(f"The server's log: {folder / 'server.log'}")
        stopped = True
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if kept:
            world.leave()
        else:
            world.stop()
        if not kept and not stopped:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _ending(world: World, *, keep: bool) -> str:
    if keep:
        return (
            f"The server is still up. Its pages: {world.url}/ (any user name; the password is the token in\n"
            f"{world.folder / 'admin.token'})\n\n"
            f"export GRAVEN_URL={world.url} GRAVEN_TOKEN=$(cat {world.folder / 'admin.token'})\n"
            ".venv/bin/graven stages list\n"
            ".venv/bin/graven audit log\n\n"
            f"To end it: kill $(cat {world.data / 'lock'}); its folder is {world.folder}"
        )
    return (
        "KEEP=1 make demo                 the same, and the server stays up with its pages\n"
        ".venv/bin/graven serve --help    a server of your own\n"
        "docs/tutorial/first-promotion.md the loop by hand, with your own image\n"
        "docs/how-to/guard-a-cluster.md   let a cluster run only what was promoted"
    )


if __name__ == "__main__":
    sys.exit(main())
