"""Operations that large tables bear while the studio runs."""

from typing import Any

from django.db import migrations


class AddIndexOnline(migrations.AddIndex):
    """AddIndex that locks out no writer on PostgreSQL. The migration must not be atomic.

    A build that was cut leaves an index that is not valid: it is dropped and built again.
    """

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        connection = schema_editor.connection
        if connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        name = schema_editor.quote_name(self.index.name)
        if not _is_valid(connection, self.index.name):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            sql = self.index.create_sql(model, schema_editor, concurrently=True)
            schema_editor.execute(sql)


def _is_valid(connection: Any, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(indisvalid) FROM pg_index WHERE indexrelid = to_regclass(%s)", [name]
        )
        return bool(cursor.fetchone()[0])
