"""A stand-in for an ERP: takes documents by signed webhook and gives them numbers of its own."""
