//! How long automatic mail rests when a rule asks for it.
use crate::model::Instant;
use chrono::{DateTime, TimeDelta};

/// After a suspected loop with one sender (rules 15, 17).
pub const LOOP: TimeDelta = TimeDelta::days(7);
/// After a domain had its daily share (rule 53).
pub const DOMAIN: TimeDelta = TimeDelta::hours(24);
/// After a conversation had its daily share of automatic mail.
pub const CONVERSATION: TimeDelta = TimeDelta::hours(24);
/// After the same text came again and again from a domain (rule 55).
pub const SAME_BODY: TimeDelta = TimeDelta::hours(1);

/// "Until `fuseau resume`" as an instant: the last day of the year 9999 (rule 54).
pub const UNTIL_RESUMED: Instant = match DateTime::from_timestamp(253_402_214_400, 0) {
    Some(instant) => instant,
    None => DateTime::UNIX_EPOCH,
};
