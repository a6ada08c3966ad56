//! x
use super::args::{Cli, Simulate};
use super::fail::Fail;
pub fn run(_cli: &Cli, _args: &Simulate) -> Result<(), Fail> {
    Ok(())
}
