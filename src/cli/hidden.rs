//! A line that is typed unseen.
use super::fail::Fail;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::io::{BufRead as _, Write as _};

/// Puts the terminal back, also when reading fails.
struct Shown(rustix::termios::Termios);

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.0);
        let _ = writeln!(std::io::stderr());
    }
}

/// Asks on standard error and reads a line that the terminal does not show.
pub fn read(question: &str) -> Result<String, Fail> {
    let failed = |error: rustix::io::Errno| Fail::Failed(format!("the terminal could not be made silent: {error}"));
    let mut err = std::io::stderr();
    write!(err, "{question}")?;
    err.flush()?;
    let before = tcgetattr(std::io::stdin()).map_err(failed)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(std::io::stdin(), OptionalActions::Flush, &silent).map_err(failed)?;
    let _shown = Shown(before);
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\n', '\r']).to_owned();
    if password.is_empty() {
        Err(Fail::Failed("no password was typed; nothing was written".to_owned()))
    } else {
        Ok(password)
    }
}
