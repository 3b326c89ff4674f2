"""Django's settings, made from the environment. `studio/setup/env.py` declares what can be set."""

import sys
from pathlib import Path
from typing import Any

from studio.setup import data_dir, env
from studio.setup.retention import Retention

BASE_DIR = Path(__file__).resolve().parent.parent

try:
    _env = env.read_all()
except env.SettingError as error:
    sys.exit(f"treadle: {error}")

HOST: str = _env["TREADLE_HOST"]
PORT: int = _env["TREADLE_PORT"]
WEB_PROCESSES: int = _env["TREADLE_WEB_PROCESSES"]
DATA_DIR: Path = _env["TREADLE_DATA_DIR"]
CHANNEL_URL: str = _env["TREADLE_CHANNEL_URL"]
BROKER_URL: str = _env["TREADLE_BROKER_URL"]
TOOL_MODULES: list[str] = _env["TREADLE_TOOLS"]
MODELS: dict[str, dict[str, bool]] = _env["TREADLE_MODELS"]
HTTP_HOSTS: list[str] = _env["TREADLE_HTTP_HOSTS"]
# What the tool mail.send uses; empty: it refuses.
EMAIL_URL: dict[str, Any] = _env["TREADLE_EMAIL_URL"]
DEFAULT_FROM_EMAIL: str = _env["TREADLE_EMAIL_FROM"] or "treadle@localhost"
PUBLIC_ORIGINS: list[str] = _env["TREADLE_PUBLIC_ORIGINS"]
# Where a worker answers those who watch it; 0: nowhere.
WORKER_PORT: int = _env["TREADLE_WORKER_PORT"]
DRIVERS: int = _env["TREADLE_DRIVERS"]
# The queues from which this process takes runs; none stands for all of them.
QUEUES: tuple[str, ...] = _env["TREADLE_QUEUES"]
TOOL_THREADS: int = _env["TREADLE_TOOL_THREADS"]
ASYNC_SLOTS: int = _env["TREADLE_ASYNC_SLOTS"]
MAX_LEAKED: int = _env["TREADLE_MAX_LEAKED"]
LEASE_SECONDS: int = _env["TREADLE_LEASE_SECONDS"]
KEEP: Retention = _env["TREADLE_KEEP"]
ENGINE_AUTOSTART = True
_RATES = ("writes", "starts", "uploads", "hooks")
RATES = {kind: _env[f"TREADLE_RATE_{kind.upper()}"] for kind in _RATES}

DEBUG: bool = _env["TREADLE_DEBUG"]
ALLOWED_HOSTS: list[str] = _env["TREADLE_ALLOWED_HOSTS"]
_database = _env["DATABASE_URL"]
try:
    SECRET_KEY: str = _env["TREADLE_SECRET_KEY"] or data_dir.secret_key(DATA_DIR)
    if not _database["name"]:
        data_dir.ensure(DATA_DIR)
except OSError as error:
    _named = f"TREADLE_DATA_DIR={str(DATA_DIR)!r}: {error.strerror}"
    sys.exit(f"treadle: {_named}: name a folder that can be made and written")

SEAL_KEYS: dict[str, str] = _env["TREADLE_SEAL_KEYS"]

ROOT_URLCONF = "studio.urls"
ASGI_APPLICATION = "studio.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "studio",
    *_env["TREADLE_APPS"],
]
# Importing daphne costs 0.6 s, and only `runserver` needs it as an app. The first app that has a
# command of a name is asked, and ours stands on daphne's, which stands on that of staticfiles.
if "runserver" in sys.argv:
    INSTALLED_APPS = ["studio", "daphne", *(app for app in INSTALLED_APPS if app != "studio")]

MIDDLEWARE = [
    "studio.http.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "studio.http.security_headers.SecurityHeadersMiddleware",
    "studio.http.people.SessionMiddleware",
    "studio.http.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "studio.http.people.CsrfViewMiddleware",
    "studio.http.people.AuthenticationMiddleware",
    "studio.http.people.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Every template has texts to translate.
            "builtins": ["django.templatetags.i18n", "django.templatetags.l10n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.pages.context.studio",
            ],
        },
    }
]

_SQLITE_PRAGMAS = (
    # Nothing here may want to write: a connection is opened while another one holds the lock.
    "PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA busy_timeout=10000;"
    " PRAGMA foreign_keys=ON; PRAGMA cache_size=-20000; PRAGMA mmap_size=134217728;"
)


def _sqlite(name: str) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name or str(DATA_DIR / "treadle.sqlite3"),
        "CONN_MAX_AGE": 3600,
        "OPTIONS": {
            # DEFERRED fails at once with "database is locked" when two writers meet.
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": _SQLITE_PRAGMAS.format(synchronous=_env["TREADLE_SQLITE_SYNCHRONOUS"]),
        },
    }


def _postgresql(parts: dict[str, str]) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["name"],
        "USER": parts["user"],
        "PASSWORD": parts["password"],
        "HOST": parts["host"],
        "PORT": parts["port"],
        # The request threads live long and are few: one kept connection each is the pool.
        "CONN_MAX_AGE": 3600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            # A server whose host is gone says nothing: without these, whoever waits for its answer
            # waits for hours. 14 and 15 seconds.
            "keepalives_idle": 5,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
            "options": "-c statement_timeout=30000 -c lock_timeout=10000"
            " -c idle_in_transaction_session_timeout=30000",
        },
    }


DATABASES = {
    "default": _sqlite(_database["name"])
    if _database["engine"] == "sqlite"
    else _postgresql(_database)
}

CHANNEL_LAYERS = (
    {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [CHANNEL_URL], "prefix": "treadle"},
        }
    }
    if CHANNEL_URL
    else {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
)

AUTHENTICATION_BACKENDS = [
    "studio.accounts.backoff.BackoffBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

_https = any(origin.startswith("https://") for origin in PUBLIC_ORIGINS)
CSRF_TRUSTED_ORIGINS = PUBLIC_ORIGINS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "treadle_session"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_SSL_REDIRECT = False
X_FRAME_OPTIONS = "DENY"

# Graph documents may be 2 MiB and run inputs 1 MiB: the routes check that before parsing.
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "studio.accounts.authentication.TokenAuthentication",
        "studio.accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["studio.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["studio.api.parsing.GuardedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "studio.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Treadle",
    "DESCRIPTION": "A visual workflow studio for Python teams.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    ("dist", BASE_DIR / "static" / "dist"),
    ("css", BASE_DIR / "static" / "css"),
    ("img", BASE_DIR / "static" / "img"),
    ("words", BASE_DIR / "static" / "words"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Nobody downloads the source maps of the API pages: packing them would cost seconds at start.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    *("jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "tgz", "bz2", "tbz", "xz", "br"),
    *("swf", "flv", "woff", "woff2", "3gp", "3gpp", "asf", "avi", "m4v", "mov", "mp4"),
    *("mpeg", "mpg", "webm", "wmv", "map"),
)

LANGUAGE_CODE = "en"
# Each by the name that its speakers give it; all but the first have a folder in `locale/`.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_NAME = "treadle-language"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "studio.setup.logs.HidingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "studio.setup.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": _env["TREADLE_LOG_FORMAT"]}
    },
    "root": {"handlers": ["stderr"], "level": _env["TREADLE_LOG_LEVEL"]},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "asyncio": {"level": "WARNING"},
        # Two lines for each hint.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
