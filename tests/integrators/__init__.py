"""A retailer's own systems are told of orders."""
