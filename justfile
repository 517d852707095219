# The steps that people repeat; `just --list` shows them.

# Formatting, lints and documentation, as CI asks for them.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# Every test; what is not installed says that it is skipped.
test *ARGS:
    cargo test --workspace --locked {{ARGS}}

# The service on this machine with the embedded data, and a phone in the terminal.
demo:
    cargo run --release --bin cabildo -- demo

# All that CI does, with nothing skipped: installs Debian packages.
ci:
    .ci/run

# Timings: see benches/README.md.
bench *ARGS:
    cargo bench -p cabildo-benches {{ARGS}}
