"""Pages of a field worker on a phone."""
