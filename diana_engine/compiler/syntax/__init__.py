"""What a writer wrote, before names are looked up: manifest, chapters, fragments and systems."""
