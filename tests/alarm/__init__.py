"""The ways out beside Telegram, against real sockets."""
