"""Playing a story on Telegram, through the Bot API."""
