# Busy times of a calendar as recurring_ical_events sees them: FROM UNTIL FILE. Only what every program reads alike.
import sys, datetime, icalendar, recurring_ical_events
read = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
begin, end = read(sys.argv[1]), read(sys.argv[2])
calendar = icalendar.Calendar.from_ical(open(sys.argv[3], "rb").read())
try:
    from zoneinfo import ZoneInfo
except ImportError:
    from backports.zoneinfo import ZoneInfo
home = ZoneInfo("Europe/Paris")
def instant(value):
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time(), tzinfo=home)
    return value.astimezone(datetime.timezone.utc)
busy = set()
for event in recurring_ical_events.of(calendar, keep_recurrence_attributes=False).between(begin, end):
    if event.get("STATUS") == "CANCELLED" or event.get("TRANSP") == "TRANSPARENT":
        continue
    start = event["DTSTART"].dt
    stop = event["DTEND"].dt if "DTEND" in event else start + event["DURATION"].dt
    # Older versions give a whole day without an end no length (RFC 5545 3.6.1: it lasts one day).
    if start == stop and not isinstance(start, datetime.datetime):
        stop = start + datetime.timedelta(days=1)
    busy.add((instant(start), instant(stop)))
for start, stop in sorted(busy):
    print(start.strftime("%Y-%m-%dT%H:%M:%SZ"), stop.strftime("%Y-%m-%dT%H:%M:%SZ"))
