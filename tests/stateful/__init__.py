"""A shop floor played at random: pickers, marketplace, time and repeats, watched after every step."""
