"""Telegram: the way to people."""
