"""graven keeps software artifacts immutable and lets each one move toward production only on proof."""
