"""Analyses of a checked story; each one yields diagnostics only."""
