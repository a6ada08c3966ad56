//! How a command fails: one clear message for a person, one exit code for a program.
use crate::config::Faults;
use crate::store::StoreError;

/// Wrong use of the command line.
pub const USAGE: u8 = 64;
/// Something is in the way that may go by itself.
pub const TRY_LATER: u8 = 75;
/// The configuration is wrong.
pub const CONFIGURATION: u8 = 78;

/// A failed command.
#[derive(Debug)]
pub enum Fail {
    /// It did not work.
    Failed(String),
    /// The arguments make no sense.
    Usage(String),
    /// It may work later.
    TryLater(String),
    /// The configuration is wrong.
    Configuration(String),
}

impl Fail {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => USAGE,
            Self::TryLater(_) => TRY_LATER,
            Self::Configuration(_) => CONFIGURATION,
        }
    }

    /// Prints the message to standard error.
    pub fn print(&self) {
        let (Self::Failed(text) | Self::Usage(text) | Self::TryLater(text) | Self::Configuration(text)) = self;
        super::out::error(text);
    }
}

impl From<Faults> for Fail {
    fn from(faults: Faults) -> Self {
        Self::Configuration(faults.to_string())
    }
}

impl From<StoreError> for Fail {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<std::io::Error> for Fail {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
