"""Findings as text for people and machines, one module for each format: ``render(results, …) -> str``; pure."""
