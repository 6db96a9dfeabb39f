"""Requirements, effects and text templates: syntax, types and meaning."""
