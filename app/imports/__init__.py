"""Readers of a chain's own files: bytes in, rows of goods and problems out. Nothing else."""
