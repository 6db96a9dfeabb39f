"""From what a writer wrote to syntax trees: requirements, effects and texts, with every mistake located."""
