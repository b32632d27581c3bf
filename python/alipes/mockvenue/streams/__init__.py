"""Streams: names, frames, fan-out, and what is published on them."""
