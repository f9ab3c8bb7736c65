"""Pages of the months: which are closed, what each came to by house and service, closing and opening again."""
