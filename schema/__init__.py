"""The JSON Schemas of the story language: the one place that says which keys exist."""
