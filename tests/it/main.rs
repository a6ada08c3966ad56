//! One binary for all integration tests; cases as data lie in the folders beside this one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on may stop; clippy.toml opens test functions only, not their helpers"
)]
mod addressed;
mod bad_input;
mod calendars;
mod canary;
mod cli;
mod clock_changes;
mod config;
mod corpus;
mod crash;
mod decisions;
mod digest;
mod digest_turns;
mod docs;
mod doctor;
mod draft_cases;
mod draft_commands;
mod draft_letters;
mod draft_progress;
mod envelope;
mod exim;
mod faketime;
mod first_meeting;
mod floor_plan;
mod gaps;
mod gate;
mod gate_turns;
mod golden;
mod guide;
mod holding;
mod holding_turns;
mod hooks;
mod imap;
mod imap_moving;
mod init;
mod invitations;
mod lab_files;
mod ladder;
mod machine;
mod maildir;
mod mails;
mod matters;
mod mime;
mod oauth;
mod offers;
mod outbox;
mod packaging;
mod page;
mod pictures;
mod project_search;
mod promises;
mod record;
mod rehearsal;
mod rests;
mod server;
mod simulation;
mod slot_choices;
mod smtp;
mod smtp_server;
mod stats;
mod support;
mod tar_pit;
mod templates;
mod tls;
mod web;
mod well_formed;
mod windows;
mod wishes;
mod year;
mod zone_evidence;
mod zones;
