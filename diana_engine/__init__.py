"""Diana: stories written in YAML, proved playable, served without losing a step."""
