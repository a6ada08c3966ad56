//! Everything through the public interface.
#[cfg(test)]
mod exim;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod smtp;
#[cfg(test)]
mod smtp_server;
#[cfg(test)]
mod tls;
