"""The `diana` command."""
