//! Tells cargo about the migrations, which the store embeds: a new file is otherwise not seen.

#[expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]
fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
