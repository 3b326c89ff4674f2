"""`make words`: read every marked text out of the sources, and write the catalogues anew.

Texts that are new stand in the .po without a translation; those that went are taken out.
"""

import sys

from tests.words import catalogues


def main() -> int:
    for language in catalogues.languages():
        for domain in catalogues.DOMAINS:
            catalogue = catalogues.fresh(language, domain)
            catalogues.write(language, domain, catalogue)
            missing = catalogues.missing(catalogue)
            print(f"{language} {domain}: {len(catalogue)} texts, {len(missing)} without words")
            for message in missing:
                print(f"  {message.id!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
