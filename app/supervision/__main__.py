"""python -m app.supervision: the same as `orderhub run`, in a process that loads nothing else."""

from __future__ import annotations

import os
import sys

from app.errors import HubError
from app.settings import Settings
from app.supervision.run import run


def main() -> int:
    """Read the environment and run; the exit code."""
    try:
        return run(Settings.from_env(os.environ), os.environ)
    except HubError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
