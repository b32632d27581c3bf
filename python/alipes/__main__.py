"""``python -m alipes``: the same as the ``alipes`` command."""

from alipes.cli import main

if __name__ == "__main__":
    main()
