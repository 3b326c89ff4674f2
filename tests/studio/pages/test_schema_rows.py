"""JSON Schema as a table."""

from studio.pages.schema_rows import SchemaRow, schema_rows, type_words

SCHEMA = {
    "type": "object",
    "required": ["code"],
    "properties": {
        "code": {"type": "string", "description": "Source text.", "maxLength": 10},
        "level": {"enum": ["low", 3], "default": "low"},
        "options": {"$ref": "#/$defs/Options", "description": "What to look at."},
    },
    "$defs": {
        "Options": {
            "type": "object",
            "properties": {"strict": {"type": "boolean", "default": False}},
        }
    },
}


def test_members_come_with_type_default_and_limits() -> None:
    code, level, options, strict = schema_rows(SCHEMA)

    assert code == SchemaRow("code", "string", True, "", "Source text.", "at most 10 characters")
    assert (level.type, level.default) == ('"low" | 3', '"low"')
    assert (options.type, options.about) == ("object", "What to look at.")
    assert (strict.name, strict.default, strict.depth) == ("strict", "false", 1)


def test_a_title_that_only_repeats_the_name_is_none() -> None:
    properties = {
        "quality_threshold": {"title": "Quality Threshold"},
        "code": {"title": "What to review"},
        "odd": {"title": 7},
    }

    assert [row.title for row in schema_rows({"properties": properties})] == [
        "",
        "What to review",
        "",
    ]


def test_types_are_told_in_words() -> None:
    assert type_words({}, {}) == "any"
    assert type_words({"type": ["string", "null"]}, {}) == "string or null"
    assert type_words({"type": "array", "items": {"type": "number"}}, {}) == "list of number"
    assert type_words({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {}) == "integer or null"
    assert (
        type_words({"type": "object", "additionalProperties": {"type": "string"}}, {})
        == "map of string"
    )
    assert type_words({"const": "x"}, {}) == '"x"'


def test_a_schema_that_points_at_itself_ends() -> None:
    tree = {
        "type": "object",
        "properties": {"child": {"$ref": "#/$defs/Tree"}},
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
            },
            "Ring": {"$ref": "#/$defs/Ring"},
        },
    }

    assert [row.depth for row in schema_rows(tree)] == [0, 1]
    assert type_words({"$ref": "#/$defs/Ring"}, tree) == "any"
    assert type_words({"$ref": "#/gone/away"}, tree) == "any"


def test_no_parameters_give_no_rows() -> None:
    assert schema_rows({}) == []


def test_formats_for_readers_are_told_and_hints_for_forms_are_not() -> None:
    schema = {"properties": {"a": {"format": "date"}, "b": {"format": "textarea"}}}

    assert [row.limits for row in schema_rows(schema)] == ["a date", ""]
