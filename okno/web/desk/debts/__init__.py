"""Debts and reminders: the portfolio, campaigns, what left and why something did not, the director's day.

Reads `debts` and `outreach`, and calls their doors; it decides nothing about who is contacted.
"""
