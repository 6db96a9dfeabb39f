"""Chapters compiled one by one, and put together again."""
