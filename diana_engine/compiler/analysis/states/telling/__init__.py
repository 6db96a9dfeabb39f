"""From what was found to what is told: verdicts on everything, for people and for machines."""
