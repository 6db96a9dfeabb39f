"""Telling whoever listens what happened: at least once, in order per player, each subscriber apart from all others."""
