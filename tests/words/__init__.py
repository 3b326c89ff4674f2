"""The catalogues of the languages: read out of the sources, kept as .po, and compiled."""
