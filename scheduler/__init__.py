"""The calendar: monitoring each minute, sales documents each hour, Telegram and unanswered
questions every ten seconds."""
