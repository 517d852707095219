//! Lists the catalogues: every `<locale>/*.ftl` beside this file is embedded, so that a language
//! pack is added by adding a folder.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = env::var("CARGO_MANIFEST_DIR")?;
    println!("cargo::rerun-if-changed={root}");
    let mut files = Vec::new();
    for folder in fs::read_dir(&root)? {
        let folder = folder?.path();
        let Some(locale) = folder.file_name().and_then(|it| it.to_str()).map(str::to_owned) else { continue };
        if !folder.is_dir() || locale == "src" {
            continue;
        }
        for file in fs::read_dir(&folder)? {
            let file = file?.path();
            if file.extension().is_some_and(|it| it == "ftl") {
                files.push((locale.clone(), file));
            }
        }
    }
    files.sort();
    let mut code = String::from("static CATALOGUES: &[(&str, &str)] = &[\n");
    for (locale, file) in files {
        println!("cargo::rerun-if-changed={}", file.display());
        writeln!(code, "    ({locale:?}, include_str!({:?})),", file.display().to_string())?;
    }
    code.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogues.rs"), code)?;
    Ok(())
}
