"""The pages: what exists, one artifact's life, the stages, the log. Rendered on the server, no script, no build step.

A browser asks for the token with HTTP Basic (any user name). A page shows what the token may pull, and nothing else.
"""

from __future__ import annotations

from graven.protocols.ui.pages import routes

__all__ = ["routes"]
