"""Configuration files, read into values that know where each part of them stands; one module for each format."""

from __future__ import annotations

from graven.documents.position import Document, Position

__all__ = ["Document", "Position"]
