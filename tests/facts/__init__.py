"""Numbers as facts: counted as orders change, equal to what history says, told in words."""
