"""What an operator sees of a run from outside. It reads what the engine leaves; it never acts on it."""
