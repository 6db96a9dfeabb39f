"""What a story wishes of its own findings: levels, and findings that are ignored at a place."""
