//! Encrypted connections, certificates and passwords.
