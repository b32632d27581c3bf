"""The command line: one file per command; what a command needs is imported when it runs."""


def main() -> None:
    """The ``alipes`` command; its exit codes are `alipes.cli.app.Exit`."""
    import sys

    from alipes.cli.app import call

    sys.exit(call(sys.argv[1:]))
