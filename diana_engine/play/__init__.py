"""The rules of play: one pure step from state and action to the next state and view."""
