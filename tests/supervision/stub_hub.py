"""`python -m tests.supervision.stub_hub`: the real supervisor, nginx and gunicorn, a stub app.

STUB_DATABASE=1 adds the embedded PostgreSQL. STUB_BROKEN=1 puts a child in that cannot start.
"""

from __future__ import annotations

import os
import sys

from app.settings import Settings
from app.supervision import plan
from app.supervision.child import Child
from app.supervision.plan import Ground
from app.supervision.prepare import prepare_gateway
from app.supervision.run import run


def stub_plan(ground: Ground) -> plan.Plan:
    data = ground.settings.data
    prepare = plan.python("tests.supervision.stub_hub", "prepare")
    broken = plan.python("tests.supervision.stub_hub", "broken")
    return [
        [plan.database(ground.cluster)] if "STUB_DATABASE" in os.environ else [],
        [Child("prepare", prepare, step=True)],
        [Child("broken", broken, step=True)] if "STUB_BROKEN" in os.environ else [],
        plan.workers(data, "tests.supervision.stub_app:create_app()"),
        [plan.nginx(ground)],
    ]


def main(command: str) -> int:
    settings = Settings.from_env(os.environ)
    if command == "broken":
        sys.stderr.write("the moon is in the wrong quarter\n")
        return 1
    if command == "prepare":
        prepare_gateway(settings)
        return 0
    return run(settings, os.environ, stub_plan)


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["run"])))
