//! Tells cargo about the migrations, which the store embeds: a new file is otherwise not seen.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
