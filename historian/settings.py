"""Which store, and how it is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class HistorianSettings(BaseModel):
    """Settings of a historian, as a part of a process's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["duckdb", "influxdb"] = "duckdb"
    path: Path = Path("data/historian.duckdb")
    """DuckDB: the file. One process can have it open."""
    memory_limit: str = Field(default="256MB", pattern=r"^\d+(KB|MB|GB)$")
    """DuckDB: what it may use of the memory for its buffers."""
    url: str = Field(default="http://127.0.0.1:8086", pattern=r"^https?://\S+[^/\s]$")
    """InfluxDB 1.8 or 2: scheme, host and port, without a slash at the end."""
    org: str = "gigafloor"
    """InfluxDB 2 only."""
    bucket: str = Field(default="gigafloor", pattern=r"^[^/\s]+(/[^/\s]+)?$")
    """InfluxDB 2: the bucket; 1.8: the database, or `database/retention-policy`."""
    token: SecretStr | None = None
    """InfluxDB 2."""
    username: str | None = None
    """InfluxDB 1.8; for InfluxDB 2 only the set-up uses it."""
    password: SecretStr | None = None
    timeout_s: float = Field(default=10.0, gt=0, le=300)
    """For one request."""

    @property
    def database(self) -> str:
        """What InfluxQL calls the bucket."""
        return self.bucket.partition("/")[0]

    @property
    def retention_policy(self) -> str | None:
        """The retention policy, None for the database's default."""
        return self.bucket.partition("/")[2] or None

    @property
    def authorization(self) -> str | None:
        """What goes behind `Token` in the header, None for a server that asks for nothing."""
        if self.token is not None:
            return self.token.get_secret_value()
        if self.username is not None and self.password is not None:
            return f"{self.username}:{self.password.get_secret_value()}"
        return None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("'username' and 'password' go together: give both or neither")
        return self
