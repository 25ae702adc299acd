"""``conftest completion``: writes a script by which a shell completes the commands."""

from __future__ import annotations

import sys

from graven.checks.lax import LaxFault
from graven.cli.conftest.options import Options
from graven.cli.conftest.tree import COMMANDS, Command, usage_text

__all__ = ["COMMAND", "run"]

COMMAND = Command(
    "conftest completion",
    "[bash|zsh|fish|powershell]",
    "write the script by which a shell completes these commands",
    """
Writes a script by which a shell completes these commands:

	$ source <(conftest completion bash)
""",
)
_WORDS = " ".join(COMMANDS)
_SCRIPTS = {
    "bash": f"complete -o default -W '{_WORDS}' conftest\n",
    "zsh": f'#compdef conftest\ncompdef \'_arguments "1: :({_WORDS})" "*: :_files"\' conftest\n',
    "fish": f"complete -c conftest -n __fish_use_subcommand -a '{_WORDS}'\n",
    "powershell": "Register-ArgumentCompleter -Native -CommandName conftest -ScriptBlock {\n"
    "  param($word)\n"
    f"  '{_WORDS}'.Split(' ') | Where-Object {{ $_ -like \"$word*\" }}\n}}\n",
}


def run(options: Options) -> int:
    """Print the script.

    Raises:
        LaxFault: there is none for that shell.
    """
    shell = options.words[0] if options.words else ""
    if not shell:
        sys.stdout.write(usage_text(COMMAND))
    elif shell not in _SCRIPTS:
        raise LaxFault(f'unknown command "{shell}" for "conftest completion"')
    else:
        sys.stdout.write(_SCRIPTS[shell])
    return 0
