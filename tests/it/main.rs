//! One binary for all integration tests; cases as data lie in the folders beside this one.
mod windows;
mod zones;
