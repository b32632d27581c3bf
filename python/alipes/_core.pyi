"""The compiled part of Alipes: books, decoders, features, simulated exchange, accounting.

Everything here is re-exported under the public names of `alipes`; import it from there.
"""

__version__: str
