"""One durable step per player action: the library of stories and the coordinator."""
