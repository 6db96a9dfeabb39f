"""Playing a story in the terminal."""
