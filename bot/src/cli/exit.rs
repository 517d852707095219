//! Exit codes of `sysexits.h`, and failures that carry one.

use std::process::ExitCode;

/// The command was used wrongly.
pub const USAGE: u8 = 64;
/// The input data were wrong.
pub const DATA: u8 = 65;
/// An input file was not there.
pub const NO_INPUT: u8 = 66;
/// A service it needs is not available.
pub const UNAVAILABLE: u8 = 69;
/// An error of ours.
pub const SOFTWARE: u8 = 70;
/// An output file can't be made.
pub const CANT_CREATE: u8 = 73;
/// Reading or writing failed.
pub const IO: u8 = 74;
/// It may work later.
pub const TRY_LATER: u8 = 75;
/// The configuration is wrong.
pub const CONFIG: u8 = 78;

/// Why a command failed: a sentence for a person and an exit code.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// A failure with an exit code of `sysexits.h`.
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Wrong input data (65).
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(DATA, message)
    }

    /// Wrong use (64).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }

    /// An error of ours (70).
    pub fn software(message: impl Into<String>) -> Self {
        Self::new(SOFTWARE, message)
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Tells the person and gives the exit code.
    pub fn report(&self) -> ExitCode {
        use std::io::Write as _;
        if self.message.is_empty() {
            return ExitCode::from(self.code);
        }
        // Nobody is left to tell if the terminal is gone.
        let _ = writeln!(std::io::stderr(), "{}", self.message);
        ExitCode::from(self.code)
    }
}

impl From<std::io::Error> for Failure {
    fn from(problem: std::io::Error) -> Self {
        // Whoever read has enough (`| head`): nothing failed, and nothing is left to do.
        if problem.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::new(0, "");
        }
        Self::new(IO, format!("Reading or writing failed: {problem}."))
    }
}

impl From<crate::store::OpenError> for Failure {
    fn from(problem: crate::store::OpenError) -> Self {
        Self::new(problem.exit_code(), problem.to_string())
    }
}

impl From<crate::store::Error> for Failure {
    fn from(problem: crate::store::Error) -> Self {
        match problem {
            crate::store::Error::NotFound => Self::new(NO_INPUT, "It is not there."),
            crate::store::Error::Conflict | crate::store::Error::Unavailable(_) => {
                Self::new(UNAVAILABLE, format!("The database could not be used now: {problem}."))
            }
            crate::store::Error::Refused(_) => Self::new(DATA, format!("It can't be done: {problem}.")),
            crate::store::Error::Other(_) => {
                Self::software(format!("The database could not be used: {problem}."))
            }
        }
    }
}
