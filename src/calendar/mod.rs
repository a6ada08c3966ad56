//! When and where: weekly hours, closures, trips and holidays become answer windows. Arithmetic on model
//! values only: no clock, no wording.
pub mod decent;
pub mod holidays;
pub mod window;

pub use window::{Window, promised_window, window_at, windows};
