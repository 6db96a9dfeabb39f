"""What is known at each place, one variable at a time: its values from before, and what is asked of it later."""
