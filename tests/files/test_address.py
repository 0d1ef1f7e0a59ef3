"""Where files are put: what is read, what is refused, and what is never shown."""

from pathlib import Path

import pytest

from app.files.address import BucketAddress, address

SECRET = "sekret"


@pytest.mark.parametrize("text", ["/var/lib/files", "file:///var/lib/files"])
def test_a_folder_is_a_path(text):
    assert address(text) == Path("/var/lib/files")


def test_a_folder_may_have_any_name():
    assert address("/mnt/Обмен 100%") == Path("/mnt/Обмен 100%")
    assert address("file:///mnt/%D0%9E%20b") == Path("/mnt/О b")


@pytest.mark.parametrize(
    ("text", "endpoint", "bucket", "prefix", "region"),
    [
        ("s3://key@storage.yandexcloud.net/files?region=ru-central1",
         "https://storage.yandexcloud.net", "files", "", "ru-central1"),
        ("s3://key@host:9000/files/a/b/", "https://host:9000", "files", "a/b", "us-east-1"),
        ("s3+http://key@[::1]:9000/files", "http://[::1]:9000", "files", "", "us-east-1"),
    ],
)  # fmt: skip
def test_a_bucket_is_server_bucket_prefix_and_region(text, endpoint, bucket, prefix, region):
    assert address(text, SECRET) == BucketAddress(endpoint, bucket, prefix, region, "key", SECRET)


def test_whoever_prints_an_address_prints_no_key():
    shown = repr(address("s3://key%2Fid@host/files", SECRET))
    assert "key" not in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    "text",
    ["", "files", "./files", "http://host/files", "ftp://host/files", "file://host/files",
     "s3://host/files", "s3://key@host", "s3://key@host/", "s3://key@/files", "s3://key@host/F",
     "s3://key@host/fi", "s3://key@host/files/../x", "s3://key@host/files/a b",
     "s3://key@host/files?region=", "s3://key@host/files?regoin=x", "s3://key@host/files#x",
     "s3://key@host:99999/files", "s3://key@host:0/files", "s3://key:sekret@host/files",
     "s3://key@ho st/files", "/a\n", "/a?\x00"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_being_repeated(text):
    with pytest.raises(ValueError, match=r"s3://|secret") as raised:
        address(text, SECRET)
    assert "sekret" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "secret"),
    [("s3://key@host/files", ""), ("s3://key@host/files", "секрет"), ("/files", "sekret")],
)
def test_a_secret_belongs_to_a_bucket_and_to_nothing_else(text, secret):
    with pytest.raises(ValueError, match=r"key|unset"):
        address(text, secret)
