"""Whether everything that is stored agrees, in words for the operator; and what mends it."""
