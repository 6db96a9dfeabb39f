"""A program as a graph over whole numbers, and what its form alone tells: its loops, guards and bounds."""
