"""The second way out, for when Telegram itself fails: e-mail and a signed webhook."""
