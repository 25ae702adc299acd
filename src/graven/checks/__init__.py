"""Files and policies to findings: what ``graven test`` and ``graven conftest`` decide by; pure."""
