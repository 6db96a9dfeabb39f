"""Compiled stories in the database: the program as it is, its content in rows, its media, and which version is in force."""
