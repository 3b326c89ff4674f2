"""The catalogues: as fresh as the sources, whole, and compiled as they are committed."""

import pytest
from babel.messages.catalog import Catalog

from tests.words import catalogues, sources
from tests.words.sources import PLACEHOLDER

LANGUAGES = catalogues.languages()
BOTH = [(language, domain) for language in LANGUAGES for domain in catalogues.DOMAINS]
FRESH = [
    pytest.param(*pair, marks=[pytest.mark.node] if pair[1] == "djangojs" else []) for pair in BOTH
]
DO = "run `make words`, translate what is new in {file}, run it again, and commit what it wrote"


@pytest.mark.parametrize(("language", "domain"), FRESH)
def test_the_catalogue_holds_the_texts_of_the_sources(language: str, domain: str) -> None:
    file = catalogues.po(language, domain)

    fresh = catalogues.text_of(catalogues.fresh(language, domain))

    assert file.read_text(encoding="utf-8") == fresh, DO.format(file=file.name)


@pytest.mark.parametrize(("language", "domain"), BOTH)
def test_what_is_committed_is_compiled_from_the_catalogue(language: str, domain: str) -> None:
    file = catalogues.product(language, domain)

    compiled = catalogues.compiled(catalogues.kept(language, domain), domain)

    assert file.read_bytes() == compiled, f"run `make words` and commit {file.name}"


@pytest.mark.parametrize(("language", "domain"), BOTH)
def test_every_text_is_translated_and_none_is_a_guess(language: str, domain: str) -> None:
    left = [one.id for one in catalogues.missing(catalogues.kept(language, domain))]

    assert left == [], f"translate them in {catalogues.po(language, domain)}, then `make words`"


@pytest.mark.parametrize(("language", "domain"), BOTH)
def test_translations_leave_open_what_their_texts_do(language: str, domain: str) -> None:
    assert unlike(catalogues.kept(language, domain)) == []


def unlike(catalogue: Catalog) -> list[tuple[str, str]]:
    """Texts whose translation has other placeholders; a singular may leave its number out."""
    found = []
    for message in catalogue:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        for form, text in enumerate(catalogues.forms(message)):
            asked = {each: set(PLACEHOLDER.findall(each)) for each in ids}
            if set(PLACEHOLDER.findall(text)) not in asked.values():
                found.append((ids[min(form, len(ids) - 1)], text))
    return found


def test_other_placeholders_are_found() -> None:
    catalogue = Catalog(locale="de")
    catalogue.add("{name} runs", "{nam} läuft")
    catalogue.add(("%(n)s run", "%(n)s runs"), ("%(n)s Lauf", "Läufe"))
    catalogue.add("{a} of {b}", "{b}: {a}")

    assert unlike(catalogue) == [("{name} runs", "{nam} läuft"), ("%(n)s runs", "Läufe")]


def test_texts_are_found_in_templates() -> None:
    template = (
        '<p title="{% translate "A title" %}">{{ _("In a filter") }}</p>\n'
        "    {% blocktranslate trimmed count n=2 %}\n  {{ n }} run{% plural %}\n {{ n }} runs"
        "{% endblocktranslate %}\n  <b>{% translate 'open' context 'status' %}</b>"
    )

    texts = [(one.id, one.plural, one.context) for one in sources.in_template(template, "x.html")]

    assert texts == [
        ("A title", "", ""),
        ("In a filter", "", ""),
        ("%(n)s run", "%(n)s runs", ""),
        ("open", "", "status"),
    ]


def test_texts_are_found_in_python() -> None:
    source = '_("One, " "joined")\nngettext("{n} run", "{n} runs", n)\npgettext("verb", "Open")\n'

    texts = [(one.id, one.plural, one.context) for one in sources.in_python(source, "x.py")]

    assert texts == [
        ("One, joined", "", ""),
        ("{n} run", "{n} runs", ""),
        ("Open", "", "verb"),
    ]


def test_a_text_that_is_put_together_is_refused() -> None:
    with pytest.raises(sources.Unreadable, match=r"x.py:2: .*format"):
        list(sources.in_python('_(name)\n_(f"Run {name}")\n', "x.py"))


def test_the_browsers_script_has_its_plurals_and_meanings() -> None:
    catalogue = Catalog(locale="de")
    catalogue.add("Save", "Speichern")
    catalogue.add("Open", "Öffnen", context="verb")
    catalogue.add(("{count} run", "{count} runs"), ("{count} Lauf", "{count} Läufe"))
    catalogue.add("New", "")

    assert catalogues.script(catalogue) == (
        "globalThis.treadleWords={plural:n=>Number((n != 1)),words:{__proto__:null,"
        '"Open\\u0004verb":"Öffnen","Save":"Speichern",'
        '"{count} run":["{count} Lauf","{count} Läufe"]}};\n'
    ).replace("Open\\u0004verb", "verb\\u0004Open")
