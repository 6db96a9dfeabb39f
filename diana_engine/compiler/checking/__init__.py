"""Types and the keys that go together: from names to a checked story."""
