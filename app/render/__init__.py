"""Values in, text out. Pure."""
