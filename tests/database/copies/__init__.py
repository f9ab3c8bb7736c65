"""Copies of the database with the files that lie beside it."""
