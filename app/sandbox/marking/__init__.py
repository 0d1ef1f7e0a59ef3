"""A stand-in of the marking system «Честный ЗНАК»: the online check of the permissive mode."""
