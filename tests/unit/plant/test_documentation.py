"""The examples in docs/plant-description.md are a plant that loads."""

from __future__ import annotations

import re
from pathlib import Path

from plant.load import load_plant

PAGE = Path(__file__).parents[3] / "docs" / "plant-description.md"


def test_examples_of_the_page_load(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    for name, text in blocks:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert [name for name, _ in blocks] == ["profiles/press.yaml", "sites/small-plant.yaml"]
    stations = [placed.path.station for placed in load_plant(directory=tmp_path).stations()]
    assert stations == ["press-1", "gauge-1"]
