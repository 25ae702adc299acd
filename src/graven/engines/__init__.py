"""What graven reaches out with: keys, certificates, feeds, the outgoing registry client."""
