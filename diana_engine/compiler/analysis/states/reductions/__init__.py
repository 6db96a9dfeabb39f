"""What may be left out: forced moves, flags that are alike, and values that are asked for no more."""
