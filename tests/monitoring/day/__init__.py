"""A whole day of many stores as rows, minute by minute, and what goes wrong in it."""
