"""The test contour: stand-ins for a marketplace and for Telegram, and a robot that picks.

Knows nothing of the hub's tables; speaks to the hub only over HTTP.
"""
