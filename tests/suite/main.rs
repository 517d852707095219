//! The test binary.

mod places;
