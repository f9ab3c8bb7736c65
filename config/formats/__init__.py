"""How numbers and dates are written where Django has no formats of its own."""
