//! When and where: weekly hours, closures, trips and holidays become answer windows. Arithmetic on model
//! values only: no clock, no wording.
pub mod away;
mod civil;
pub mod decent;
pub mod holidays;
pub mod window;

pub use away::{Away, away, trip_at, trip_on, zone_at, zone_on};
pub use decent::{DayPhase, day_phase, decent_hours, is_decent, next_decent};
pub use window::{Window, promised_window, window_at, windows};
