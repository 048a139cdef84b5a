"""The world outside, as programs reach it: every way out passes the egress policy."""
