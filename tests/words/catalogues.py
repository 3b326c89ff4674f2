"""The .po of each language, and what is made of it: a .mo for Django, a script for browsers."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.words import sources
from tests.words.sources import ROOT, Text

LOCALE = ROOT / "locale"
SCRIPTS = ROOT / "static" / "words"
DOMAINS = ("django", "djangojs")
_HEADER = "The words of Treadle's pages: translate here, `make words` does the rest."
_KEPT_FIELDS = (
    "Language",
    "Plural-Forms",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
)
"""Times and names of people and programs would make every `make words` a change."""


def languages() -> list[str]:
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def po(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def product(language: str, domain: str) -> Path:
    """What is compiled from a .po."""
    if domain == "django":
        return po(language, domain).with_suffix(".mo")
    return SCRIPTS / f"{language}.js"


def kept(language: str, domain: str) -> Catalog:
    """The catalogue as it was written last."""
    path = po(language, domain)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def fresh(language: str, domain: str) -> Catalog:
    """The texts of the sources, with the translations that were there."""
    texts = sources.server() if domain == "django" else sources.browser()
    catalogue = kept(language, domain)
    catalogue.update(template(texts, language), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def template(texts: Iterable[Text], language: str) -> Catalog:
    """Each text once, with the files that show it."""
    made = Catalog(locale=language)
    for text in texts:
        id_ = (text.id, text.plural) if text.plural else text.id
        made.add(id_, locations=[(text.file, 0)], context=text.context or None)
    return made


def missing(catalogue: Catalog) -> list[Message]:
    """Those without a translation, or with one that somebody must look at."""
    return [one for one in catalogue if one.id and (one.fuzzy or not all(forms(one)))]


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string or "",)


def write(language: str, domain: str, catalogue: Catalog) -> None:
    po(language, domain).parent.mkdir(parents=True, exist_ok=True)
    SCRIPTS.mkdir(exist_ok=True)
    po(language, domain).write_text(text_of(catalogue), encoding="utf-8")
    product(language, domain).write_bytes(compiled(kept(language, domain), domain))


def text_of(catalogue: Catalog) -> str:
    """The .po: sorted by text, with files and without lines, so that it changes with texts only."""
    catalogue.header_comment = f"# {_HEADER}"
    catalogue.fuzzy = False
    file = io.BytesIO()
    write_po(file, catalogue, width=0, sort_output=True, include_lineno=False, ignore_obsolete=True)
    lines = file.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if _is_kept(line))


def _is_kept(line: str) -> bool:
    field = re.match(r'"([A-Z][A-Za-z-]+): ', line)
    return not field or field[1] in _KEPT_FIELDS or not line.rstrip().endswith('\\n"')


def compiled(catalogue: Catalog, domain: str) -> bytes:
    if domain == "djangojs":
        return script(catalogue).encode()
    undated = _Undated(locale=catalogue.locale)
    for message in catalogue:
        if message.id and not message.fuzzy:
            undated.add(message.id, message.string, context=message.context)
    file = io.BytesIO()
    write_mo(file, undated)
    return file.getvalue()


class _Undated(Catalog):
    """Its header tells neither when it was made nor by which version of what."""

    def __iter__(self) -> Iterator[Message]:
        for message in super().__iter__():
            if not message.id:
                lines = str(message.string).splitlines(keepends=True)
                kept = [line for line in lines if line.split(":")[0] in _KEPT_FIELDS]
                message = Message("", "".join(kept))
            yield message


def script(catalogue: Catalog) -> str:
    """What browsers load before anything asks for a text (`static/src/words/t.ts`)."""
    words = {}
    for message in sorted(catalogue, key=lambda one: (_first(one), one.context or "")):
        if message.id and all(forms(message)):
            key = f"{message.context}\x04{_first(message)}" if message.context else _first(message)
            words[key] = list(forms(message)) if message.pluralizable else message.string
    body = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    # Without a prototype, so that no text is found that nobody wrote.
    body = "{__proto__:null" + ("," if words else "") + body[1:]
    return f"globalThis.treadleWords={{plural:n=>Number({catalogue.plural_expr}),words:{body}}};\n"


def _first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id
