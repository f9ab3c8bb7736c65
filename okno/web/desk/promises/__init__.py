"""Promises to pay and the holds that make reminders wait."""
