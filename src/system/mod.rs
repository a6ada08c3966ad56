//! The machine below: network, clock, logs, the service manager. Knows nothing of mail or clients.
pub mod net;
