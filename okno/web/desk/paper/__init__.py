"""Bills and statements on paper: one while a person waits, a house or a month by a worker."""
