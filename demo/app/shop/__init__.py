"""A small web application with real dependencies, for the demo's image."""
