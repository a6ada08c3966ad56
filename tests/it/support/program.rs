//! The built binary, run as a person would run it: in a folder of its own, with nothing of this machine's environment.
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The program, in `dir`, which is also its home.
pub fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fuseau"));
    command.current_dir(dir).env_clear().env("HOME", dir).stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it ended by itself, not by a signal"),
            out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    /// Standard output of a run that went well and complained about nothing.
    pub fn fine(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "stdout: {}", self.out);
        self.out
    }

    /// Standard output as JSON.
    pub fn json(self) -> Value {
        let out = self.fine();
        assert_eq!(out.lines().count(), 1, "one value on one line: {out}");
        serde_json::from_str(&out).unwrap()
    }

    /// Standard error of a run that failed with `code`, and printed nothing else.
    pub fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "stderr: {}", self.err);
        self.err
    }
}

/// Runs the program with `words` in `dir`.
pub fn run(dir: &Path, words: &[&str]) -> Ran {
    Ran::of(command(dir).args(words).output().unwrap())
}

/// The same with something on standard input.
pub fn run_with(dir: &Path, words: &[&str], input: &[u8]) -> Ran {
    let mut child =
        command(dir).args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    Ran::of(child.wait_with_output().unwrap())
}

/// What the demo left behind, in a folder of this test's own: the configuration is `fuseau.toml` there.
pub fn demo() -> TempDir {
    static PLAYED: OnceLock<PathBuf> = OnceLock::new();
    let played = PLAYED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        run(&folder, &["demo", "--dir", "."]).fine();
        folder
    });
    let own = tempfile::tempdir().unwrap();
    copy(played, own.path());
    own
}

/// Copies a folder with everything in it, its modes, and the times of its files: they are the arrivals of a Maildir.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
            let changed = entry.metadata().unwrap().modified().unwrap();
            std::fs::File::options().append(true).open(&target).unwrap().set_modified(changed).unwrap();
        }
    }
}
