"""Recomputes the bills of scenario.yaml from a run's 15 minutes and the series, without any code of gigasim.

    python3 recompute.py OUT RUN

OUT is what prepare.py made, RUN the folder of one run (gigasim run OUT/scenario.yaml --out …): its series.parquet gives
the IT power, its summary.json the bills to compare with. Prices, carbon and weather are read from the CSV files, not
from the run; the tariffs stand below once more, in the script's own words. Ends with status 1 beyond 1e-9 relative.

Needs Python 3.9 and pyarrow.
"""

import csv
import datetime
import json
import math
import pathlib
import sys
import zoneinfo

import pyarrow.parquet

HOURS = 8783
BINS = 4 * HOURS
BIN_H = 0.25
YEAR_H = 8784
SHARE = HOURS / YEAR_H
START = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
TOLERANCE = 1e-9

# Lei & Masanet (2020), PUE of an air-cooled hall by wet bulb.
AIR = [(14, 1.088), (15, 1.103), (16, 1.128), (17, 1.144), (18, 1.173), (19, 1.195), (20, 1.232), (21, 1.264)]
AIR += [(22, 1.295), (24, 1.316), (26, 1.344), (28, 1.361), (30, 1.385), (32, 1.4), (34, 1.407)]
CONVERSION = 1 / (0.98 * 0.9944)


def air_pue(wet_bulb):
    if wet_bulb <= AIR[0][0]:
        return AIR[0][1]
    for (low, low_pue), (high, high_pue) in zip(AIR, AIR[1:]):
        if wet_bulb <= high:
            return low_pue + (high_pue - low_pue) * (wet_bulb - low) / (high - low)
    return AIR[-1][1]


def hourly(path):
    """Values from 1 January 2024 00:00 UTC on, each four times."""
    values = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            values[datetime.datetime.fromisoformat(row["time"].replace("Z", "+00:00"))] = float(row["value"])
    return [values[START + datetime.timedelta(hours=bin // 4)] for bin in range(BINS)]


def local_times():
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    return [(START + datetime.timedelta(minutes=15 * bin)).astimezone(berlin) for bin in range(BINS)]


def band(mwh, peak_mw):
    """What is left to pay under §19(2) StromNEV."""
    hours = mwh / peak_mw / SHARE
    if mwh / SHARE <= 10_000:
        return 1
    return 0.1 if hours >= 8000 else 0.15 if hours >= 7500 else 0.2 if hours >= 7000 else 1


def shipped_lines(energy, mw, price):
    """The tariff of the shipped site gf-de-jul, which applies no discount for band load."""
    mwh = math.fsum(energy)
    first = min(mwh, 1000 * SHARE)
    return {
        "Day-ahead": math.fsum(e * p for e, p in zip(energy, price)),
        "Network charge": 6.9 * mwh,
        "CHP levy": 4.46 * mwh,
        "Offshore grid levy": 9.41 * mwh,
        "§19 StromNEV levy": 15.59 * first + 0.5 * (mwh - first),
        "Electricity tax": 20.5 * mwh,
        "Capacity charge": 53.06 * max(mw) * 1000 * SHARE,
    }


def contract_lines(energy, mw, price, times, plant):
    mwh = math.fsum(energy)
    peak = max(mw)
    lines = {}
    lines["fixed tranche"] = 0.25 * mwh * 82
    left = [0.75 * e for e in energy]
    block = [60 * BIN_H] * BINS
    lines["baseload block"] = math.fsum(block) * 74
    used = [min(b, l) for b, l in zip(block, left)]
    lines["baseload block: surplus sold"] = -math.fsum((b - u) * p for b, u, p in zip(block, used, price))
    left = [l - u for l, u in zip(left, used)]
    made = [150 * BIN_H * share for share in plant]
    lines["plant"] = math.fsum(made) * 55
    used = [min(m, l) for m, l in zip(made, left)]
    lines["plant: surplus sold"] = -math.fsum((m - u) * p for m, u, p in zip(made, used, price))
    left = [l - u for l, u in zip(left, used)]
    lines["Day-ahead"] = math.fsum(l * (p + 1.5) for l, p in zip(left, price))

    short = max(0, 1_600_000 * SHARE - mwh)
    lines["minimum take"] = short * 8

    by_class = {"winter day": [], "winter night": [], "winter weekend": [], "summer": []}
    winter_kw, rest_kw = {}, {}
    for e, power, time in zip(energy, mw, times):
        winter = time.month in (1, 2, 11, 12)
        weekend = time.weekday() >= 5
        name = "summer"
        if winter:
            name = "winter weekend" if weekend else "winter day" if 8 <= time.hour < 20 else "winter night"
        by_class[name].append(e)
        kw = winter_kw if winter else rest_kw
        # The year is that of UTC: local hours after it count with its December.
        month = min((time.year, time.month), (2024, 12))
        kw[month] = max(kw.get(month, 0), power * 1000)
    rates = {"winter day": 11, "winter night": 5, "winter weekend": 4, "summer": 6}
    network = {f"network energy: {name}": rates[name] * math.fsum(es) for name, es in by_class.items()}
    lines.update(network)
    reduced = max(0, mwh - 1000 * SHARE)
    lines["levy"] = 9 * (mwh - reduced) + 0.5 * reduced
    lines["peak"] = 53.06 * peak * 1000 * SHARE
    for name, kw, contracted, year, excess in (
        ("winter", winter_kw, 190_000, 4, 12),
        ("rest", rest_kw, 200_000, 2, 6),
    ):
        lines[f"contracted power: {name}"] = year * contracted * SHARE
        lines[f"contracted power: {name}, excess"] = excess * sum(max(0, k - contracted) for k in kw.values())
    off = 1 - band(mwh, peak)
    for name in [*network, "peak"]:
        lines[f"band discount on {name}"] = -off * lines[name]
    supply = ("Day-ahead", "fixed tranche", "minimum take", "plant", "baseload")
    taxed = [n for n in lines if n.startswith(supply) or "network energy" in n or "peak" in n or "contracted" in n]
    lines["electricity tax"] = 0.051 * max(0, math.fsum(lines[n] for n in taxed))
    return lines


def compare(site, ours, theirs, what):
    scale = max(abs(theirs), abs(ours))
    error = 0 if scale == 0 else abs(ours - theirs) / scale
    print(f"{site}\t{what}\t{theirs!r}\t{ours!r}\t{error:.1e}{'' if error <= TOLERANCE else '   DIFFERS'}")
    return error


def main(out, run):
    out, run = pathlib.Path(out), pathlib.Path(run)
    table = pyarrow.parquet.read_table(run / "series.parquet").to_pydict()
    summary = json.loads((run / "summary.json").read_text())
    manifest = json.loads((run / "manifest.json").read_text())
    price, carbon, wet = (hourly(out / f"{name}.csv") for name in ("price", "carbon", "wetbulb"))
    plant = hourly(out / "plant.csv")
    times = local_times()
    worst = 0
    print("site\twhat\tgigasim\trecomputed\trelative difference")
    for spec, result in zip(manifest["spec"]["sites"], summary["sites"]):
        site = spec["id"]
        rows = [index for index, name in enumerate(table["site"]) if name == site]
        it_mw = [table["it_mw"][row] for row in rows]
        assert len(it_mw) == BINS
        design_mw = spec["facility"]["designItW"] / 1e6
        # 85 % of the heat leaves in water at 0.025 W/W, the rest as in an air-cooled hall; 1 % of the design always.
        fixed_mw = round(0.01 * design_mw * 1e6) / 1e6
        factor = {w: CONVERSION + 0.85 * 0.025 + (1 - 0.85) * (air_pue(w) - CONVERSION) for w in set(wet)}
        mw = [fixed_mw + factor[w] * p for p, w in zip(it_mw, wet)]
        energy = [p * BIN_H for p in mw]
        mwh = math.fsum(energy)
        if site.endswith("contracts"):
            lines = contract_lines(energy, mw, price, times, plant)
        else:
            lines = shipped_lines(energy, mw, price)
        theirs = {line["name"]: line["eur"] for line in result["bill"]["lines"]}
        if set(theirs) != set(lines):
            print("lines differ:", sorted(set(theirs) ^ set(lines)))
            worst = 1
        for name in theirs:
            if name in lines:
                worst = max(worst, compare(site, lines[name], theirs[name], name))
        worst = max(worst, compare(site, math.fsum(lines.values()), result["bill"]["totalEur"], "total"))
        worst = max(worst, compare(site, mwh, result["facilityMWh"], "facility MWh"))
        worst = max(worst, compare(site, max(mw), result["peakFacilityMW"], "peak MW"))
        kt = math.fsum(e * c for e, c in zip(energy, carbon)) / 1e6
        worst = max(worst, compare(site, kt, result["carbonKt"], "kt CO2"))
    print(f"worst relative difference {worst:.1e}")
    sys.exit(0 if worst <= TOLERANCE else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
