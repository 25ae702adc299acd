"""From the layers of an artifact to its components, and to what of it was not seen; one file for each kind."""

from __future__ import annotations

from graven.inventory.coverage import Coverage, Unread
from graven.inventory.inventory import Inventory
from graven.inventory.layer import catalogue_layer, unpacks
from graven.inventory.limits import Limits
from graven.inventory.report import VERSION, LayerReport
from graven.inventory.squash import squash
from graven.inventory.stream import Reader

__all__ = [
    "VERSION",
    "Coverage",
    "Inventory",
    "LayerReport",
    "Limits",
    "Reader",
    "Unread",
    "catalogue_layer",
    "squash",
    "unpacks",
]
