"""Accounts, flats, houses and people: lists, the account card with its journal, what the search box finds."""
