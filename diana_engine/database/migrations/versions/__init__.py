"""One module per schema: what changes on the way to it, and back."""
