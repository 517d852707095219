//! The binary as a member of staff meets it today.

use std::process::Command;

#[test]
fn it_says_that_it_is_not_open_and_fails() {
    let output = Command::new(env!("CARGO_BIN_EXE_cabildo-admin")).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(69));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(said.lines().count(), 1);
    assert!(said.contains("not open yet") && said.contains("cabildo chat"), "{said}");
}
