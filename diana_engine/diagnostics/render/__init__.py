"""Renderers of diagnostics, one output format per module."""
