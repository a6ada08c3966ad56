//! The whole circle on real servers: Dovecot keeps the mailboxes, Exim takes what the daemon sends and hands it back to
//! Dovecot. Nothing here knows the inside of the daemon: people write, mail programs answer, and what lies in the
//! mailboxes counts. Where the servers are not installed these tests say so and pass, except with `CI=true`.
mod acknowledge;
mod clients;
mod commands;
mod digest;
mod drafts;
mod filing;
mod handover;
mod importing;
mod lasting;
mod loops;
mod meetings;
mod oauth;
mod occasions;
mod silence;
mod tls;
mod trouble;
mod work;
