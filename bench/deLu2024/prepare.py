"""Makes the series of one real site-year from published files: DE-LU 2024 with Frankfurt weather.

    python3 prepare.py DATA OUT

DATA holds energy/prices_day_ahead_2024_eur_per_mwh.csv.gz (SMARD), energy/carbon_DE-LU_2024_electricitymaps.csv.gz
(Electricity Maps) and weather/openmeteo_DE_Frankfurt_2024.csv.gz (Open-Meteo). OUT gets price.csv, carbon.csv,
wetbulb.csv, plant.csv and scenario.yaml, which gigasim then runs. Only the standard library is needed.
"""

import csv
import datetime
import gzip
import math
import pathlib
import shutil
import sys


def rows(path):
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file)


def wet_bulb_c(dry_c, humidity_pct):
    """Stull (2011): wet bulb at sea level from dry bulb and relative humidity."""
    rh = humidity_pct
    return (
        dry_c * math.atan(0.151977 * math.sqrt(rh + 8.313659))
        + math.atan(dry_c + rh)
        - math.atan(rh - 1.676331)
        + 0.00391838 * rh**1.5 * math.atan(0.023101 * rh)
        - 4.686035
    )


def write(path, pairs):
    with open(path, "w") as file:
        file.write("time,value\n")
        for time, value in pairs:
            file.write(f"{time},{value!r}\n")


def main(data, out):
    data, out = pathlib.Path(data), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    prices = rows(data / "energy" / "prices_day_ahead_2024_eur_per_mwh.csv.gz")
    write(out / "price.csv", ((row["utc"], float(row["DE-LU"])) for row in prices))
    carbon = list(rows(data / "energy" / "carbon_DE-LU_2024_electricitymaps.csv.gz"))
    write(out / "carbon.csv", ((row["utc"], float(row["lca_g_per_kwh"])) for row in carbon))
    # A plant that follows the zone's share of renewables, so that its surplus falls on cheap hours.
    write(out / "plant.csv", ((row["utc"], 0.004 * float(row["renewable_pct"])) for row in carbon))
    weather = []
    for row in rows(data / "weather" / "openmeteo_DE_Frankfurt_2024.csv.gz"):
        # Local standard time is an hour ahead of UTC all year.
        utc = datetime.datetime.fromisoformat(row["local_time"]) - datetime.timedelta(hours=1)
        value = wet_bulb_c(float(row["temperature_2m_c"]), float(row["relative_humidity_2m_pct"]))
        weather.append((utc.strftime("%Y-%m-%dT%H:%MZ"), value))
    write(out / "wetbulb.csv", weather)
    shutil.copy(pathlib.Path(__file__).parent / "scenario.yaml", out / "scenario.yaml")


if __name__ == "__main__":
    main(*sys.argv[1:])
