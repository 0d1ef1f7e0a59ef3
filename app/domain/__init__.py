"""What an order is and what may happen to it. Pure: no IO, no clock."""
