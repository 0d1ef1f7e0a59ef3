"""A shop floor played at random: pickers, marketplace, time, repeats; watched after every step."""
