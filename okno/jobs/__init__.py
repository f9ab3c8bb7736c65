"""Work that is done later: a thin face over the queue in PostgreSQL. Rooms defer jobs here; the worker runs them."""
