"""What parsers say of a text that is no JSON or YAML, as sentences of ours."""

from collections.abc import Mapping

from engine.said import Said, say, say_as

_KNOWN: Mapping[str, Said] = {
    # JSON
    "Expecting value": say("a value is missing"),
    "Expecting property name enclosed in double quotes": say("a key in double quotes is missing"),
    "Expecting ':' delimiter": say("a colon is missing"),
    "Expecting ',' delimiter": say("a comma is missing"),
    "Illegal trailing comma before end of object": say("a comma stands before a closing bracket"),
    "Illegal trailing comma before end of array": say("a comma stands before a closing bracket"),
    "Unterminated string starting at": say("a text has no end"),
    "Invalid control character at": say("a text holds a control character"),
    "Invalid \\escape": say("a backslash stands before what it cannot escape"),
    "Invalid \\uXXXX escape": say("a backslash stands before what it cannot escape"),
    "Extra data": say("something follows the end"),
    # YAML
    "mapping values are not allowed in this context": say("a colon stands where none can"),
    "did not find expected key": say("a key is missing"),
    "could not find expected ':'": say("a colon is missing"),
    "did not find expected '-' indicator": say("a list goes on without a dash"),
    "did not find expected ',' or ']'": say("a list in brackets has no end"),
    "did not find expected ',' or '}'": say("an object in braces has no end"),
    "did not find expected node content": say("a value is missing"),
    "did not find expected <document start>": say("something follows the end"),
    "did not find expected digit or '-' character": say("a number is missing"),
    "found character that cannot start any token": say("a character stands where none can"),
    "found unexpected end of stream": say("a text has no end"),
    "found unknown escape character": say("a backslash stands before what it cannot escape"),
    "found undefined tag handle": say("a tag is not known"),
    "block sequence entries are not allowed in this context": say("a dash stands where none can"),
    "control characters are not allowed": say("a text holds a control character"),
}


def sentence(english: str) -> Said:
    """What a parser says."""
    known = _KNOWN.get(english.rstrip(": "))
    if known is None:
        return say_as("it cannot be read", english)
    return say_as("{problem}", english, problem=known)
