"""The journal on the database: how events are written, grouped, folded and checked."""
