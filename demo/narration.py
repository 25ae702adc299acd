"""How the demo speaks: numbered steps, commands as they are typed, their output, and what to make of it."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.text import Text

__all__ = ["Narration"]


class Narration:
    """Speaks to a person at a terminal; plain text where there is none."""

    def __init__(self) -> None:
        terminal = sys.stdout.isatty()
        self.console = Console(highlight=False, width=None if terminal else 120, soft_wrap=not terminal)

    def title(self, text: str) -> None:
        self.console.print(Panel(Text(text, justify="center"), border_style="green"))

    def step(self, number: int, title: str) -> None:
        self.console.print()
        self.console.print(Rule(f"[bold]{number}. {title}", align="left", style="green"))

    def say(self, text: str) -> None:
        self.console.print(Text(text), style="italic")

    def command(self, words: str) -> None:
        self.console.print(Text(f"$ {words}", style="bold cyan"))

    def output(self, text: str, *, most: int = 40) -> None:
        lines = [line.rstrip() for line in text.rstrip().splitlines()]
        for line in lines[:most]:
            self.console.print(Text(f"  {line}"))
        if len(lines) > most:
            self.console.print(Text(f"  … {len(lines) - most} more lines", style="dim"))

    def verdict(self, *, good: bool, text: str) -> None:
        mark, style = ("✓", "bold green") if good else ("✕", "bold red")
        self.console.print(Text(f"  {mark} {text}", style=style))

    def progress(self) -> Progress:
        columns = (TextColumn("  {task.description}"), BarColumn(), TimeElapsedColumn())
        return Progress(*columns, console=self.console, transient=False)

    def ending(self, text: str) -> None:
        self.console.print()
        self.console.print(Panel(Text(text), title="what to try next", border_style="green"))
