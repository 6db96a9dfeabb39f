"""Single plays: looked for, found shortest, and made again on the rules of play before they are told."""
