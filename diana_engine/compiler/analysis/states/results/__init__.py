"""What comes out of the analysis, as values: plays that were made, what is certain, and the report."""
