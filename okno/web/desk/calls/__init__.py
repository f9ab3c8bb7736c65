"""Calls as people see them: live, as a list, one by one with words and sound, listened to, and what they brought."""
