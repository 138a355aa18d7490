from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from historian.duckdb_store import DuckDbHistorian
from historian.influx.store import InfluxHistorian
from historian.open import make_historian
from historian.settings import HistorianSettings


async def test_settings_choose_the_store(tmp_path: Path) -> None:
    embedded = make_historian(HistorianSettings(path=tmp_path / "h.duckdb"))
    plant = make_historian(HistorianSettings(kind="influxdb"))
    assert isinstance(embedded, DuckDbHistorian)
    assert isinstance(plant, InfluxHistorian)
    await embedded.close()
    await plant.close()


def test_user_without_password_is_refused() -> None:
    with pytest.raises(ValidationError, match="'username' and 'password' go together"):
        HistorianSettings(username="admin")


def test_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="bukket"):
        HistorianSettings.model_validate({"bukket": "x"})


def test_secrets_do_not_print() -> None:
    settings = HistorianSettings(token=SecretStr("s3cret"), username="a", password=SecretStr("s3cret"))
    assert "s3cret" not in repr(settings)


def test_bucket_of_influxdb_1_can_name_its_retention_policy() -> None:
    settings = HistorianSettings(bucket="plant/a_year")
    assert (settings.database, settings.retention_policy) == ("plant", "a_year")
    assert HistorianSettings(bucket="plant").retention_policy is None
