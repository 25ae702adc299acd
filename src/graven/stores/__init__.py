"""Where things are kept: memory, disk, SQL."""
