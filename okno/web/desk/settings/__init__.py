"""What the organisation decides for itself: debt, rules, templates, staff; and what it can look up: trail, health."""
