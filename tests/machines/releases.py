"""Releases to try a deploy with: commits in a clone of the project, good ones and broken ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.machines import places
from tests.machines.processes import run

#: Who commits; nobody reads it.
_WHO: Final = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "lab"), ("EMAIL", "lab@hub.test"))
}


class Releases:
    """A clone in a lab's folder. `base`: the commit that the walk began with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = places.commit()
        os.environ.update(_WHO)
        run("git", "clone", "--quiet", "--shared", "--no-checkout", places.PROJECT, folder)

    def variables(self, ref: str) -> dict[str, str]:
        """What the inventory says of the release with this commit."""
        return {"hub_source": str(self.folder), "hub_ref": ref}

    def name(self, ref: str) -> str:
        """What the playbooks call it."""
        words = ("show", "--no-patch", "--abbrev=12", "--date=format:%Y%m%d", "--format=%cd-%h")
        return self._git(*words, ref).strip()

    def commit(self, on: str, why: str, changes: Mapping[str, str]) -> str:
        """A commit on top of another one: files with new text; "" begins a new file, other text is
        appended to what there is."""
        self._git("checkout", "--quiet", "--force", "--detach", on)
        for path, text in changes.items():
            file = self.folder / path
            before = file.read_text(encoding="utf-8") if file.exists() else ""
            file.write_text(before + text, encoding="utf-8")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", why)
        return self._git("rev-parse", "HEAD").strip()

    def _git(self, *words: str) -> str:
        return run("git", "-C", self.folder, *words)


#: What a release changes, by what it is.
NEXT: Final = {
    "sql/migrations/9001_pre_trial.sql": "-- A table that the next release has.\n"
    "CREATE TABLE trial_added (id int);\n",
    "sql/migrations/9002_post_trial.sql": "-- What nobody needs after it.\n"
    "ALTER TABLE trial_added ADD COLUMN proved boolean;\n",
}
#: Its workers end as soon as they begin.
DEAD: Final = {"app/main.py": '\nraise RuntimeError("this release does not come up")\n'}
#: Its workers answer, and work on nothing.
DEAF: Final = {
    "app/actions/keep_draining.py": "\n\nasync def _deaf(crew: _Crew) -> None:\n"
    "    await asyncio.sleep(0.2)\n\n\n_Crew.fill = _deaf  # type: ignore[method-assign]\n"
}
#: Its migration does not go through.
TORN: Final = {
    "sql/migrations/9003_pre_torn.sql": "-- Half of it is no SQL.\n"
    "CREATE TABLE trial_torn (id int);\nALTER TABLE no_such_table ADD COLUMN a int;\n"
}
