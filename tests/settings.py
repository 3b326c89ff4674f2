"""Settings of the tests: the product's own, with a throw-away data folder and fast hashing."""

import os
import tempfile

_folder = tempfile.mkdtemp(prefix="treadle-tests-")
os.environ.setdefault("TREADLE_DATA_DIR", _folder)
os.environ.setdefault("TREADLE_LOG_LEVEL", "WARNING")
if os.environ.get("TREADLE_TEST_DATABASE") == "postgresql":
    os.environ.setdefault("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")

from studio.settings import *  # noqa: E402, F403
from studio.settings import DATA_DIR, DATABASES, INSTALLED_APPS  # noqa: E402

ENGINE_AUTOSTART = False
INSTALLED_APPS = [*INSTALLED_APPS, "tests.studio.shop"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the engine's thread opens its own connection to the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["TEST"] = {"NAME": f"test_treadle_{os.getpid()}"}
    # Dropping a whole database waits for the disk, longer than the studio lets a statement take.
    _given = DATABASES["default"]["OPTIONS"]["options"]
    DATABASES["default"]["OPTIONS"]["options"] = f"{_given} -c statement_timeout=110000"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
