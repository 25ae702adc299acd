"""What is claimed of an artifact, and what is proved: signatures, statements, SBOM formats, advisories, VEX, trust."""
