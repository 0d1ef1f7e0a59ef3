"""Where files are kept is a setting; the hub built of it keeps them there and links to them."""

import httpx
import pytest
from cryptography.fernet import Fernet

from app.actions import files
from app.db.sealing import Seal
from app.errors import SettingsInvalid
from app.files.bucket import Bucket
from app.files.folder import Folder
from app.sandbox.s3.app import create_app
from app.settings import Settings
from app.wiring import open_hub
from tests.files.buckets import KEY, SECRET, a_store
from tests.sandbox.conftest import serving

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
BUCKET = f"s3://{KEY}@storage.test/files"


def read(**env):
    return Settings.from_env(env)


def test_a_hub_of_which_nobody_says_where_keeps_files_beneath_its_data(tmp_path):
    settings = read(HUB_DATA=str(tmp_path))
    assert settings.files == tmp_path.resolve() / "files"
    assert settings.files_limit == 50_000_000


def test_the_limit_is_megabytes():
    assert read(HUB_FILES_LIMIT="2.5").files_limit == 2_500_000


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"HUB_FILES": "files"}, "HUB_FILES must be /a/folder or s3://"),
        ({"HUB_FILES": f"s3://{KEY}:{SECRET}@h/files"}, "HUB_FILES must be without the secret"),
        ({"HUB_FILES": BUCKET}, "HUB_FILES_SECRET must be the bucket's secret key"),
        ({"HUB_FILES": BUCKET, "HUB_FILES_SECRET": "я"}, "HUB_FILES_SECRET must be the bucket's"),
        ({"HUB_FILES_SECRET": SECRET}, "HUB_FILES_SECRET must be unset"),
        ({"HUB_FILES_LIMIT": "0"}, "HUB_FILES_LIMIT must be megabytes"),
        ({"HUB_FILES_LIMIT": "2001"}, "HUB_FILES_LIMIT must be megabytes"),
        ({"HUB_FILES_LIMIT": "nan"}, "HUB_FILES_LIMIT must be megabytes"),
    ],
)
def test_a_mistake_is_named_and_no_secret_shown(env, said):
    with pytest.raises(SettingsInvalid) as raised:
        read(**env)
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_whoever_prints_settings_prints_no_secret_of_a_bucket():
    shown = repr(read(HUB_FILES=BUCKET, HUB_FILES_SECRET=SECRET).files)
    assert SECRET not in shown
    assert KEY not in shown


def test_keys_of_one_purpose_tell_nothing_of_those_of_another():
    seal = Seal(f"{NEW}, {OLD}")
    keys = seal.derived("links")
    assert keys == Seal(NEW).derived("links") + Seal(OLD).derived("links")
    assert not set(keys) & set(seal.derived("other"))
    assert {len(key) for key in keys} == {32}


async def test_processes_of_one_hub_believe_each_others_links_and_old_keys(dsn, hub, tmp_path):
    env = {"HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path)}
    async with open_hub(read(**env, HUB_MASTER_KEY=OLD), "web-1") as first:
        assert isinstance(first.files, Folder)
        file = await files.keep(first, b"hello", "text/plain", "a.txt")
        until, signature = 4_000_000_000, first.links.make(file, 4_000_000_000)[-64:]
    async with open_hub(read(**env, HUB_MASTER_KEY=f"{NEW},{OLD}"), "web-2") as second:
        assert await files.fetch(second, file.sha256) == b"hello"
        assert second.links.proves(file, until, signature)
    async with open_hub(read(**env, HUB_MASTER_KEY=NEW), "web-3") as third:
        assert not third.links.proves(file, until, signature)


async def test_a_hub_keeps_its_files_in_the_bucket_it_is_told(dsn, hub, tmp_path):
    store = a_store()
    async with serving(create_app(store)) as url:
        where = f"s3+http://{KEY}@{httpx.URL(url).netloc.decode()}/bucket/hub"
        env = {"HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path), "HUB_MASTER_KEY": NEW}
        bucket = {"HUB_FILES": where, "HUB_FILES_SECRET": SECRET}
        async with open_hub(read(**env, **bucket), "web") as opened:
            assert isinstance(opened.files, Bucket)
            file = await files.keep(opened, b"hello", "text/plain", "a.txt")
            assert await files.fetch(opened, file.sha256) == b"hello"
    assert list(store.buckets["bucket"].values()) == [b"hello"]
    assert not (tmp_path / "files").exists()
