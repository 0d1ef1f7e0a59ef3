"""`orderhub bench`: the figures we publish, as ratios within one run on one machine."""
