"""The pages: what exists, one artifact's life, the stages, the log. Rendered on the server, no script, no build step.

A browser asks for the token with HTTP Basic (any user name). A page shows what the token may pull, and nothing else.
"""

from __future__ import annotations

from graven.protocols.ui.artifact import ArtifactPage
from graven.protocols.ui.pages import fault, routes
from graven.protocols.ui.reading import Reading

__all__ = ["ArtifactPage", "Reading", "fault", "routes"]
