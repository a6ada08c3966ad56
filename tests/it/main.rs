//! Everything through the public interface.
mod imap;
mod maildir;
mod support;
