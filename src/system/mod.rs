//! The operating system: clock, tz data, logs, signals, the state directory, the service manager, the network.
//! Nothing here knows mail; everything else asks this module instead of the system.
pub mod calendars;
pub mod certificate;
pub mod clock;
pub mod discover;
pub mod entropy;
pub mod failpoint;
pub mod hook;
pub mod http;
pub mod keyring;
pub mod log;
pub mod net;
pub mod notify;
pub mod oauth;
pub mod published;
pub mod signal;
pub mod sources;
pub mod state;
pub mod tzdata;

pub use clock::Clock;
pub use entropy::Ids;
