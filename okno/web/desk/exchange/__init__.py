"""Files in and out: the import wizard, rows set aside, payments without an account."""
