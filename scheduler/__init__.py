"""The calendar: monitoring each minute, sales documents each hour, Telegram every ten seconds."""
