//! When and where: weekly hours, closures, trips and holidays become answer windows. Arithmetic on model
//! values only: no clock, no wording.
pub mod away;
mod civil;
pub mod decent;
pub mod holidays;
pub mod overlap;
pub mod shift;
pub mod slots;
pub mod window;

pub use away::{Away, away, trip_at, trip_on, zone_at, zone_on};
pub use decent::{
    DayOff, DayPhase, day_off, day_phase, decent_hours, is_decent, next_decent, next_morning, ordinary, usual_weekend,
};
pub use overlap::{OwnerTime, overlap};
pub use shift::{Shift, Whose, coming_shift, gap, next_shift};
pub use slots::{Meeting, Slot, common, propose};
pub use window::{Window, promised_window, window_at, windows};
