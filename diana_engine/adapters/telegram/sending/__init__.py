"""From the outbox to Telegram: in order in each chat, within the limits, and never given up in silence."""
