//! x
use super::args::{Cli, Forecast};
use super::fail::Fail;
pub fn run(_cli: &Cli, _args: &Forecast) -> Result<(), Fail> {
    Ok(())
}
