"""What can be had more and more of: loops that gain, prices at which none does, and what must be earned."""
