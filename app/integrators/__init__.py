"""The way to a retailer's own systems: an event is posted, signed, to an address that may be
called."""
