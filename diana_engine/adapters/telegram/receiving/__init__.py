"""From Telegram to a request: updates by polling or by webhook, each acknowledged once it is durable."""
