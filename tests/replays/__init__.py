"""Finished work done again: a whole day, very many rows, two at once, one that is killed."""
