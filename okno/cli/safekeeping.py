"""Backup, restore and the proof that a backup restores."""
