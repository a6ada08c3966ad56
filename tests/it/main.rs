//! Integration tests: one binary, one module a subject; cases as data in the folders beside `it/`.
mod corpus;
mod mails;
