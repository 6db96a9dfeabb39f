"""What every store does alike with a step: the rows that it makes, and what is settled before they are written."""
