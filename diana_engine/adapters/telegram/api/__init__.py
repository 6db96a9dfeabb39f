"""The Bot API as far as Diana needs it: its methods, its limits, and how a call came out."""
