"""Handing Arrow tables to DuckDB."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from historian.duckdb_store.schema import quoted

_INCOMING = "incoming"


def insert_by_name(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Insert the rows; columns the rows do not have stay empty."""
    connection.register(_INCOMING, rows)
    try:
        connection.execute(f"INSERT INTO {quoted(table)} BY NAME FROM {_INCOMING}")
    finally:
        connection.unregister(_INCOMING)
