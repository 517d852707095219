//! `docs/console-keys.md` is written from the keymap.

use std::fmt::Write as _;
use std::path::Path;

use cabildo_admin_tui::keymap::{Keymap, Layer};
use cabildo_admin_tui::words::Words;

fn page() -> String {
    let (keymap, words) = (Keymap::default(), Words::of("en"));
    let mut page = String::from(
        "# Keys of the staff console\n\nWritten from the keymap by a test; `CABILDO_WRITE_DOCS=1 cargo test -p cabildo-admin-tui` writes it \
         anew. The names in the first\ncolumn are those of `keymap.toml`, where each screen is a table and each command a list of keys.\n",
    );
    for layer in Layer::ALL {
        let own = keymap.commands(*layer).into_iter();
        let own = own.filter(|(command, _)| !keymap.chords(*layer, *command).is_empty()).collect::<Vec<_>>();
        if own.is_empty() {
            continue;
        }
        let _ = write!(page, "\n## {}\n\n| command | keys | does |\n| --- | --- | --- |\n", layer.name());
        for (command, _) in own {
            let chords = keymap.chords(*layer, command).iter();
            let keys = chords.map(|it| format!("`{}`", it.text())).collect::<Vec<_>>().join(" ");
            let says = words.say(&format!("do-{}", command.name()));
            let _ = writeln!(page, "| {} | {keys} | {says} |", command.name());
        }
    }
    page
}

#[test]
fn the_page_of_keys_is_the_keymaps() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/console-keys.md");
    if std::env::var_os("CABILDO_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).expect("written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, page(), "write it anew with CABILDO_WRITE_DOCS=1");
}
