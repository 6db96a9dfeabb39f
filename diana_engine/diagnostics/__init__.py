"""What Diana says to writers: one value per finding, a registry of codes, and renderers."""
