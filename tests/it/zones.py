#!/usr/bin/env python3
"""Prints what Python's zoneinfo says about every zone; tests/it/zones.rs compares. No arguments.

    data DIR VERSION        where the rules were read, and of which tz database (or `unknown`)
    zone NAME...            names that have the same rules
    OFFSET                  seconds east of UTC at the first second of 2020
    INSTANT OFFSET          a transition: unix time, the offset from then on; until 2037
"""
import datetime
import hashlib
import pathlib
import sys
import zoneinfo

STEP = 6 * 3600
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def seconds(year):
    return int((datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc) - EPOCH).total_seconds())


def data():
    """The directory of the newest rules at hand and their version."""
    try:
        import tzdata
        return pathlib.Path(tzdata.__file__).parent / "zoneinfo", tzdata.IANA_VERSION
    except ImportError:
        pass
    for path in map(pathlib.Path, zoneinfo.TZPATH):
        if (path / "Europe" / "Paris").exists():
            head = (path / "tzdata.zi").read_text().split("\n", 1)[0] if (path / "tzdata.zi").exists() else ""
            return path, head.removeprefix("# version ") or "unknown"
    sys.exit("no tz database: install tzdata")


def main():
    directory, version = data()
    zoneinfo.reset_tzpath([str(directory)])
    print("data", directory, version)
    same = {}
    for name in sorted(zoneinfo.available_timezones()):
        content = (directory / name).read_bytes()
        same.setdefault(hashlib.sha256(content).digest(), []).append(name)
    first, last = seconds(2020), seconds(2038)
    moments = [(t, EPOCH + datetime.timedelta(seconds=t)) for t in range(first, last, STEP)]
    for names in same.values():
        zone = zoneinfo.ZoneInfo(names[0])
        print("zone", *names)

        def offset(t):
            return (EPOCH + datetime.timedelta(seconds=t)).astimezone(zone).utcoffset()

        before = offset(first)
        print(int(before.total_seconds()))
        for t, moment in moments:
            after = moment.astimezone(zone).utcoffset()
            if after != before:
                low, high = t - STEP, t
                while high - low > 1:
                    middle = (low + high) // 2
                    if offset(middle) == before:
                        low = middle
                    else:
                        high = middle
                print(high, int(after.total_seconds()))
                before = after


if __name__ == "__main__":
    main()
