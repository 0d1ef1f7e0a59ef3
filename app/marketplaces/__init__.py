"""One folder per marketplace: verify, parse, reply, speak. Pure but for the one call out."""
