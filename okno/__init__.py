"""Окно: one open system for the people who manage apartment buildings."""
