"""Debtors, campaigns, what left and why something did not."""
