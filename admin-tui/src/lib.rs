//! The staff console. It is not open yet: the binary says so, and what serves meanwhile.

/// Exit code of `sysexits.h` for a service that is not available.
pub const UNAVAILABLE: u8 = 69;

/// What the console says while it is not open.
pub const NOT_OPEN_YET: &str = "The staff console is not open yet: until it is, use `cabildo chat` to see what a \
                                citizen reads and `cabildo compare` to check a figure.";
