"""Before anything starts: passwords, the broker's users, and the plant as the containers reach it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import yaml
from broker_access import HEALTH, READER, access_list, agent_user, password_line
from secret_files import HISTORIAN_OWNER, generated, keep

from plant.load import load_plant
from plant.model import Plant
from plant.variants import endpoints, relocated

PLANT_FOLDER = Path("/plant")
HOST_ID = "gigafloor"


def main() -> None:
    """Write everything below `/secrets` and `/plant`."""
    packaged = load_plant(sites=[os.environ["GIGAFLOOR_SITE"]])
    plant = _moved(packaged, os.environ["GIGAFLOOR_PLC_HOST"])
    _write_plant(plant)
    _write_broker_access(plant)
    generated(HISTORIAN_OWNER, "password")
    sys.stdout.write(f"prepared {sum(1 for _ in plant.stations())} stations, {len(endpoints(plant))} PLCs\n")


def _moved(plant: Plant, host: str) -> Plant:
    return relocated(plant, {(old, port): (host, port) for old, port in endpoints(plant)})


def _write_plant(plant: Plant) -> None:
    folder = PLANT_FOLDER / "sites"
    folder.mkdir(exist_ok=True)
    for site in plant.sites:
        text = yaml.safe_dump(site.model_dump(mode="json", exclude_defaults=True), sort_keys=False)
        (folder / f"{site.site}.yaml").write_text(text, encoding="utf-8")
    written = load_plant(sites=[site.site for site in plant.sites], directory=PLANT_FOLDER)
    if written != plant:
        raise SystemExit(
            f"The plant read back from {folder} is not the one written; nothing may start on it."
        )


def _write_broker_access(plant: Plant) -> None:
    lines = [line.line for site in plant.sites for area in site.areas for line in area.lines]
    roles = {"sim": "sim", "collector": "collector", "api": "api", HEALTH: "broker", READER: "reader"}
    roles |= {agent_user(line): "edge" for line in lines}
    passwords = {user: generated(role, f"mqtt-{user}") for user, role in roles.items()}
    hashed = [password_line(user, password, os.urandom(12)) for user, password in passwords.items()]
    keep("broker", "passwords", "\n".join(hashed))
    keep("broker", "acl", access_list(plant, HOST_ID))
    # The name under which mosquitto_sub looks for its options.
    keep("broker", "mosquitto_sub", f"-u {HEALTH}\n-P {passwords[HEALTH]}")


if __name__ == "__main__":
    main()
