"""A stand-in for Kuper (СберМаркет, «СМ»): makes orders, enforces СМ's rules, plays the courier."""
