"""Scenarios of the virtual operator: drawn, edited by line, compared, tried in text and in voice."""
