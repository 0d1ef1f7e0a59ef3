"""A stand-in for Telegram's Bot API, and a page that shows its chats like a messenger."""
