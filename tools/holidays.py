#!/usr/bin/env python3
"""Writes src/calendar/holidays.txt from the Python package `holidays`.

    python3 -m venv /tmp/h && /tmp/h/bin/pip install holidays && /tmp/h/bin/python tools/holidays.py

Run it once a year, raise FIRST, and read the diff. The format is described in the head of the file it writes;
src/calendar/holidays.rs reads it.
"""
import importlib.metadata
import pathlib
import re
import sys
import warnings

sys.path.pop(0)  # this file has the package's name
import holidays  # noqa: E402

FIRST, LAST = 2026, 2035  # at most ten years: the file writes a year as its last digit
TARGET = pathlib.Path(__file__).resolve().parent.parent / "src" / "calendar" / "holidays.txt"
HEAD = """\
Public holidays of {first} to {last}: {countries} countries and {regions} regions (ISO 3166-1, 3166-2).
Written by tools/holidays.py from the Python package `holidays` {version}; do not edit.

`years FIRST LAST`  the years covered.
`= NAME|DATES`      a rule, numbered from 0 in order of appearance. DATES is MMDD (every year) or a list of YMMDD
                    (Y is the last digit of the year).
`CODE RULE...`      a calendar: a country has its rules; a region (CODE has a hyphen) has its country's dates, and
                    `N` adds those of rule N while `-N` takes them away.

The data is under the licence of that package:

{licence}"""


def licence():
    for file in importlib.metadata.files("holidays"):
        if file.name == "LICENSE":
            return file.read_text().strip()
    raise SystemExit("the package `holidays` has no LICENSE file: where is it now?")


def days(country, region=None):
    """{date: names} of one calendar, in English where the package knows English."""
    kind = getattr(holidays, country)
    kwargs = {"years": range(FIRST, LAST + 1), "categories": (holidays.PUBLIC,)}
    for language in ("en_US", "en_GB"):
        if language in (kind.supported_languages or ()):
            kwargs["language"] = language
            break
    found = holidays.country_holidays(country, subdiv=region, **kwargs)
    return {day: found.get_list(day) for day in found if FIRST <= day.year <= LAST}


def rules(table, numbers):
    """The numbers of the rules that give exactly `table`, new ones added to `numbers`."""
    by_name = {}
    for day, names in table.items():
        for name in names:
            name = re.sub(r"\s+", " ", name).replace("|", "/").strip()
            by_name.setdefault(name, set()).add(day)
    found = []
    for name, dates in sorted(by_name.items()):
        # What happens every year on one day is a rule of its own, what moves is another: more of them are shared.
        fixed = set()
        for month, day in sorted({(d.month, d.day) for d in dates}):
            same = {d for d in dates if (d.month, d.day) == (month, day)}
            if len(same) == LAST - FIRST + 1:
                fixed |= same
                found.append(f"{name}|{month:02}{day:02}")
        moving = sorted(dates - fixed)
        if moving:
            found.append(name + "|" + " ".join(f"{d.year % 10}{d.month:02}{d.day:02}" for d in moving))
    return [numbers.setdefault(rule, len(numbers)) for rule in found]


def main():
    warnings.simplefilter("ignore")
    numbers, calendars, regions = {}, [], 0
    supported = holidays.list_supported_countries(include_aliases=False)
    for country in sorted(supported):
        national = days(country)
        calendars.append([country, *rules(national, numbers)])
        for region in sorted(supported[country]):
            if not re.fullmatch(r"[A-Z0-9]{1,3}", region):
                continue  # cities and school zones have no ISO code
            regional = days(country, region)
            added = {d: n for d, n in regional.items() if d not in national}
            removed = {d: n for d, n in national.items() if d not in regional}
            calendars.append([f"{country}-{region}", *rules(added, numbers), *(f"-{n}" for n in rules(removed, numbers))])
            regions += 1
    head = HEAD.format(
        first=FIRST, last=LAST, countries=len(supported), regions=regions, licence=licence(),
        version=importlib.metadata.version("holidays"),
    )
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    lines.append(f"years {FIRST} {LAST}")
    lines += [f"= {rule}" for rule in numbers]
    lines += [" ".join(map(str, calendar)) for calendar in calendars]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(numbers)} rules, {len(calendars)} calendars, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
