"""Faces of the runtime towards people, one channel each; none knows another."""
