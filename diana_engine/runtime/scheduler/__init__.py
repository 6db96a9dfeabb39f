"""What happens at a time: which timers a step sets, what comes of one that fires, and who fires them."""
