"""Pages of a resident: what I owe, why, and every measure taken about it."""
