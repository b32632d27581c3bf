"""Connections to the outside: bytes in, bytes out. It knows no venue and no message."""
