"""A page that shows the stand-in's chats like a messenger; buttons can be pressed."""
