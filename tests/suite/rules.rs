//! Rules of the tree, read from its files. Each is a function from values to complaints, which is
//! shown to find a bad sample before it is asked about the tree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cabildo_tests::source::{lines_naming_crate, lines_naming_module, read, without_tests};

/// A file of the tree: path from its root with `/`, and text.
type File = (String, String);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Every text file that is or would be committed. Where git can't say (an unpacked archive), every
/// file outside of the build's folders.
fn tree() -> Vec<File> {
    let root = root();
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .ok()
        .filter(|it| it.status.success() && !it.stdout.is_empty())
        .map(|it| String::from_utf8_lossy(&it.stdout).split_terminator('\0').map(str::to_owned).collect());
    let names: Vec<String> = listed.unwrap_or_else(|| {
        let mut names = Vec::new();
        walk(&root, "", &mut names);
        names
    });
    names
        .into_iter()
        // A file may be deleted and not yet committed; one that is not UTF-8 is no text.
        .filter_map(|name| Some((name.clone(), std::fs::read_to_string(root.join(&name)).ok()?)))
        .filter(|(_, text)| !text.contains('\0'))
        .collect()
}

fn walk(root: &Path, folder: &str, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && name != "target" && name != ".git" => walk(root, &path, names),
            Ok(kind) if kind.is_file() => names.push(path),
            _ => {}
        }
    }
}

/// Asks the whole tree.
fn check(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

fn file(name: &str, text: &str) -> File {
    (name.to_owned(), text.to_owned())
}

/// Whether a file holds only tests.
fn is_test(name: &str) -> bool {
    name.starts_with("tests/")
        || name.starts_with("benches/")
        || name.ends_with("/tests.rs")
        || name.contains("/tests/")
}

fn extension(name: &str) -> Option<&str> {
    Path::new(name).extension()?.to_str()
}

fn is_rust(name: &str) -> bool {
    extension(name) == Some("rs")
}

// --- The direction rule: domain <- engine <- {store, channels} <- {jobs, http, telegram} <- main ---

/// Folder under `bot/src`, crates and paths that it does not name, modules that it does not name.
const DIRECTIONS: [(&str, &[&str], &[&str]); 5] = [
    ("domain", &CRATES_OF_THE_EDGE, &["engine", "store", "channels", "jobs", "http", "telegram", "cli"]),
    ("engine", &CRATES_OF_THE_EDGE, &["store", "channels", "jobs", "http", "telegram", "cli"]),
    ("charts", &CRATES_OF_THE_EDGE, &["store", "jobs", "http", "telegram", "cli"]),
    ("store", &["axum", "teloxide", "reqwest"], &["jobs", "http", "telegram", "cli"]),
    ("channels", &["axum", "sqlx"], &["store", "jobs", "http", "telegram", "cli"]),
];
const CRATES_OF_THE_EDGE: [&str; 5] = ["sqlx", "axum", "teloxide", "reqwest", "tokio"];

fn direction(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, text) in files {
        let Some(path) = name.strip_prefix("bot/src/").filter(|it| is_rust(it) && !is_test(name)) else {
            continue;
        };
        let Some((folder, crates, modules)) = DIRECTIONS.iter().find(|(folder, ..)| {
            path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
        }) else {
            continue;
        };
        let code = read(without_tests(text)).code;
        let mut complain = |lines: Vec<usize>, what: &str| {
            complaints.extend(lines.iter().map(|line| format!("{name}:{line}: {folder} names {what}")));
        };
        for it in *crates {
            complain(lines_naming_crate(&code, it), it);
        }
        for it in *modules {
            complain(lines_naming_module(&code, it), &format!("crate::{it}"));
        }
        if matches!(*folder, "domain" | "engine") {
            for (line, text) in code.lines().enumerate() {
                if ["SystemTime", "Instant::now"].iter().any(|it| text.contains(it)) {
                    complain(vec![line + 1], "a clock");
                }
            }
        }
    }
    complaints
}

#[test]
fn modules_point_one_way() {
    let bad = [
        file("bot/src/domain/a.rs", "use sqlx::Pool;\nfn f() { crate::store::g() }"),
        file(
            "bot/src/engine/b.rs",
            "use crate::{domain::A, channels::B};\nlet x = std::time::SystemTime::now();",
        ),
        file("bot/src/channels/c.rs", "use crate::http::D;"),
        file("bot/src/store.rs", "use axum::Router;"),
    ];
    assert_eq!(
        direction(&bad),
        [
            "bot/src/domain/a.rs:1: domain names sqlx",
            "bot/src/domain/a.rs:2: domain names crate::store",
            "bot/src/engine/b.rs:1: engine names crate::channels",
            "bot/src/engine/b.rs:2: engine names a clock",
            "bot/src/channels/c.rs:1: channels names crate::http",
            "bot/src/store.rs:1: store names axum",
        ]
    );
    let good = [
        file(
            "bot/src/domain/a.rs",
            "// sqlx::x\nlet a = \"tokio::x\";\n#[cfg(test)]\nmod tests { use tokio::x; }",
        ),
        file("bot/src/jobs/a.rs", "use crate::store::A; use sqlx::B;"),
    ];
    check(&direction(&good));
    check(&direction(&tree()));
}

/// What each package may not depend on.
fn members(manifests: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, text) in manifests {
        let forbidden: &[&str] = match name.as_str() {
            "bot/staff-api/Cargo.toml" | "messages/Cargo.toml" => &[
                "cabildo-bot",
                "cabildo-admin-tui",
                "cabildo-messages",
                "cabildo-staff-api",
                "cabildo-tests",
            ],
            "bot/Cargo.toml" => &["cabildo-admin-tui", "cabildo-tests"],
            "admin-tui/Cargo.toml" => &["cabildo-bot", "cabildo-tests"],
            "benches/Cargo.toml" => &["cabildo-tests"],
            _ => &[],
        };
        for (section, key, _) in dependencies(text) {
            if forbidden.contains(&key.as_str()) {
                complaints.push(format!("{name}: {key} in {section}"));
            }
        }
    }
    complaints
}

/// Section, name and specification of each dependency of a manifest.
fn dependencies(manifest: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let mut section = String::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            header.trim_matches(['[', ']']).clone_into(&mut section);
            // A dependency with a section of its own.
            if let Some((of, name)) = section.split_once("dependencies.") {
                found.push((format!("{of}dependencies"), name.to_owned(), String::new()));
            }
        } else if section.ends_with("dependencies")
            && let Some((key, value)) = line.split_once('=')
            && !line.starts_with('#')
        {
            let (name, dotted) = key.trim().split_once('.').unwrap_or((key.trim(), ""));
            found.push((section.clone(), name.to_owned(), format!("{dotted} = {}", value.trim())));
        }
    }
    found
}

/// Complains of dependencies whose version is not the workspace's.
fn inherited(manifests: &[File]) -> Vec<String> {
    manifests
        .iter()
        .filter(|(name, _)| name != "Cargo.toml")
        .flat_map(|(name, text)| {
            dependencies(text).into_iter().filter_map(move |(section, key, specification)| {
                let workspace = specification == "workspace = true"
                    || specification.replace(' ', "").contains("workspace=true");
                (!workspace)
                    .then(|| format!("{name}: {key} in {section} does not inherit from the workspace"))
            })
        })
        .collect()
}

fn manifests() -> Vec<File> {
    tree().into_iter().filter(|(name, _)| name == "Cargo.toml" || name.ends_with("/Cargo.toml")).collect()
}

#[test]
fn packages_point_one_way_and_inherit_their_dependencies() {
    let bad = [
        file("messages/Cargo.toml", "[dev-dependencies]\ncabildo-bot.workspace = true"),
        file(
            "bot/Cargo.toml",
            "[dependencies]\ncabildo-messages.workspace = true\ncabildo-tests = { path = \"../tests\" }",
        ),
        file("admin-tui/Cargo.toml", "[dependencies.cabildo-bot]\nworkspace = true"),
    ];
    assert_eq!(members(&bad).len(), 3, "{:?}", members(&bad));
    let versions = [file(
        "bot/Cargo.toml",
        "[dependencies]\na = \"1\"\nb.workspace = true\nc = { workspace = true, features = [\"d\"] }\n[features]\ne = []",
    )];
    assert_eq!(
        inherited(&versions),
        ["bot/Cargo.toml: a in dependencies does not inherit from the workspace"]
    );
    let manifests = manifests();
    assert!(manifests.len() >= 7, "the manifests are not found");
    check(&members(&manifests));
    check(&inherited(&manifests));
}

// --- Nothing is forgotten ---

/// Complains of files of `tests/suite/` without a `mod` line in their folder's root.
fn forgotten(files: &[File]) -> Vec<String> {
    let suite = |name: &str| name.strip_prefix("tests/suite/").filter(|it| is_rust(it)).map(str::to_owned);
    let paths: Vec<String> = files.iter().filter_map(|(name, _)| suite(name)).collect();
    paths
        .iter()
        .filter(|path| *path != "main.rs")
        .filter_map(|path| {
            let module = path.strip_suffix(".rs").unwrap_or(path);
            let module = module.strip_suffix("/mod").unwrap_or(module);
            let (owners, name) = match module.rsplit_once('/') {
                Some((folder, name)) => (vec![format!("{folder}.rs"), format!("{folder}/mod.rs")], name),
                None => (vec!["main.rs".to_owned()], module),
            };
            let listed = files.iter().any(|(file, text)| {
                suite(file).is_some_and(|it| owners.contains(&it))
                    && read(text).code.lines().any(|line| line.trim() == format!("mod {name};"))
            });
            (!listed).then(|| format!("tests/suite/{path} is in no `mod` line of {}", owners.join(" or ")))
        })
        .collect()
}

#[test]
fn no_test_file_is_forgotten() {
    let bad = [
        file("tests/suite/main.rs", "mod a;\n// mod b;\nmod c;"),
        file("tests/suite/a.rs", ""),
        file("tests/suite/b.rs", ""),
        file("tests/suite/c/mod.rs", "mod d;"),
        file("tests/suite/c/d.rs", ""),
        file("tests/suite/c/e.rs", ""),
    ];
    assert_eq!(
        forgotten(&bad),
        [
            "tests/suite/b.rs is in no `mod` line of main.rs",
            "tests/suite/c/e.rs is in no `mod` line of c.rs or c/mod.rs"
        ]
    );
    check(&forgotten(&tree()));
}

/// Complains of skipped parts that are told in another way than by `skip_or_fail`: the harness
/// hides what a passing test prints.
fn hidden_skips(files: &[File]) -> Vec<String> {
    let tests = files.iter().filter(|(name, _)| name.starts_with("tests/") && is_rust(name));
    tests
        .filter(|(name, _)| name != "tests/src/lib.rs")
        .flat_map(|(name, text)| {
            let told = |it: &str| it.split_once(": ").is_some_and(|(word, _)| word == "skipped");
            let strings = read(text).strings.into_iter().filter(move |(_, it)| told(it));
            strings.map(move |(line, _)| format!("{name}:{line}: a skip is not told by skip_or_fail"))
        })
        .collect()
}

#[test]
fn whoever_runs_the_tests_is_told_what_is_skipped() {
    let bad = file("tests/src/a.rs", &format!("eprintln!(\"{}: a\");", "skipped"));
    assert_eq!(hidden_skips(&[bad]).len(), 1);
    check(&hidden_skips(&tree()));
}

/// Complains of migrations that one engine lacks, and of numbers that do not run from 1.
fn migrations(files: &[File]) -> Vec<String> {
    let of = |engine: &str| -> BTreeSet<String> {
        let folder = format!("migrations/{engine}/");
        files.iter().filter_map(|(name, _)| name.strip_prefix(&folder).map(str::to_owned)).collect()
    };
    let (sqlite, postgres) = (of("sqlite"), of("postgres"));
    let mut complaints: Vec<String> = sqlite
        .symmetric_difference(&postgres)
        .map(|it| format!("{it} is there for one engine only"))
        .collect();
    for (index, name) in sqlite.iter().enumerate() {
        let well_named =
            name.strip_suffix(".sql").and_then(|it| it.split_once('_')).is_some_and(|(number, rest)| {
                number == format!("{:04}", index + 1)
                    && !rest.is_empty()
                    && rest.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
            });
        if !well_named {
            complaints.push(format!("{name} is not named NNNN_what_it_does.sql with the next number"));
        }
    }
    complaints
}

#[test]
fn migrations_match() {
    let bad = [
        file("migrations/sqlite/0001_add_a.sql", ""),
        file("migrations/postgres/0001_add_b.sql", ""),
        file("migrations/sqlite/0003_add_c.sql", ""),
        file("migrations/postgres/0003_add_c.sql", ""),
    ];
    assert_eq!(migrations(&bad).len(), 3, "{:?}", migrations(&bad));
    check(&migrations(&tree()));
}

// --- Every method of the store has a test of its meaning on both engines ---

/// Methods of the store that no file of `tests/suite/conformance` calls.
fn untested(files: &[File]) -> Vec<String> {
    let tests: String = files
        .iter()
        .filter(|(name, _)| name.starts_with("tests/suite/conformance/"))
        .map(|(_, text)| read(text).code)
        .collect();
    let mut complaints = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| name.starts_with("bot/src/store/") && is_rust(name)) {
        let code = read(without_tests(text)).code;
        let mut within = false;
        for (number, line) in (1..).zip(code.lines()) {
            within = (within || line == "impl Store {") && line != "}";
            let method = line.strip_prefix("    pub async fn ").filter(|_| within);
            let Some(method) = method.and_then(|it| it.split(['(', '<']).next()) else { continue };
            // What makes a store is called by every test.
            let takes_one = code.lines().skip(number - 1).take(2).any(|it| it.contains("&self"));
            if !takes_one {
                continue;
            }
            if !tests.contains(&format!(".{method}(")) {
                complaints.push(format!("{name}:{number}: no test of conformance calls {method}"));
            }
        }
    }
    complaints
}

#[test]
fn every_method_of_the_store_has_a_test_of_conformance() {
    let store = file(
        "bot/src/store/a.rs",
        "impl Store {\n    pub async fn one(&self) {}\n    pub async fn two<T>(\n        &self,\n    pub async fn open() {\n}\nimpl Other {\n    pub async fn x() {}\n}\n",
    );
    let test = file("tests/suite/conformance/a.rs", "fn it() { store.two(1); // store.one()\n}\n");
    assert_eq!(
        untested(&[store.clone(), test.clone()]),
        ["bot/src/store/a.rs:2: no test of conformance calls one"]
    );
    assert!(untested(&[store, test, file("tests/suite/conformance/b.rs", "store.one()")]).is_empty());
    check(&untested(&tree()));
}

// --- What files hold ---

/// Complains of paths of somebody's machine, of addresses inside a network, and of packages that do
/// not come from crates.io.
fn machine(files: &[File]) -> Vec<String> {
    // Put together here, so that this file does not complain of itself.
    let folders = ["work", "root", "home", "Users"].map(|it| format!("/{it}/"));
    let mut complaints = Vec::new();
    for (name, text) in files {
        for (index, line) in text.lines().enumerate() {
            let mut complain = |what: &str| complaints.push(format!("{name}:{}: {what}", index + 1));
            let own_path = folders.iter().any(|folder| {
                line.match_indices(folder.as_str()).any(|(at, _)| {
                    !line[..at].ends_with(|it: char| it.is_alphanumeric() || "-_.}~*".contains(it))
                })
            });
            if own_path {
                complain("a path of one machine");
            }
            for (at, _) in line.match_indices("://") {
                let host =
                    line[at + 3..].split(['/', '"', '\'', ' ', ')', '>', '`', '?', ',']).next().unwrap_or("");
                if is_inner(host) {
                    complain("an address inside a network");
                }
            }
            if name == "Cargo.lock"
                && line.starts_with("source = ")
                && line != "source = \"registry+https://github.com/rust-lang/crates.io-index\""
            {
                complain("a package that is not from crates.io");
            }
        }
        if name.starts_with(".cargo/") && text.contains("replace-with") {
            complaints.push(format!("{name}: another registry"));
        }
    }
    complaints
}

/// Whether the host of an address is neither public, nor the loopback, nor kept for examples
/// (RFC 5737).
fn is_inner(host: &str) -> bool {
    let host = host.rsplit('@').next().unwrap_or(host);
    let name = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or(host) };
    if ["internal", "local", "lan", "corp"]
        .iter()
        .any(|it| name.rsplit_once('.').is_some_and(|(_, top)| top == *it))
    {
        return true;
    }
    name.parse::<std::net::Ipv4Addr>().is_ok_and(|it| it.is_private() || it.is_link_local())
}

#[test]
fn nothing_of_one_machine_is_kept() {
    let own = format!("see /{}/me/x", "home");
    let bad = [
        file("a.md", &own),
        file("b.toml", &format!("url = \"{}10.1.2.3:8080/index\"", "http://")),
        file("c.toml", &format!("url = \"{}://packages.{}/index\"", "https", "internal")),
        file("Cargo.lock", "source = \"git+https://example.org/a\""),
        file(".cargo/config.toml", "replace-with = \"mirror\""),
    ];
    assert_eq!(machine(&bad).len(), 5, "{:?}", machine(&bad));
    check(&machine(&[file("a", "http://127.0.0.1:8080/x https://example.org/home/x ~/home/x")]));
    check(&machine(&tree()));
}

/// Files and beginnings of literals that may be Spanish, each with the reason.
const SPANISH: [(&str, &str, &str); 3] = [
    ("bot/src/import/", "", "headers, sheets and notes of the official files, as published"),
    ("bot/src/cli/import", "", "the same, in what the command says about them"),
    ("bot/src/domain/place/", "", "words of names that the matcher compares with; nobody reads them"),
];

/// Complains of sentences in Spanish in the bot's code: what a citizen reads is in `messages/` or
/// in a data pack.
///
/// A literal of several words is taken for Spanish when it has a letter or sign that English lacks,
/// or two common words of Spanish.
fn spanish(files: &[File]) -> Vec<String> {
    const COMMON: [&str; 22] = [
        "de", "la", "el", "los", "las", "que", "para", "por", "con", "una", "del", "su", "tu", "te", "si",
        "este", "esta", "como", "más", "mas", "envía", "responde",
    ];
    let mut complaints = Vec::new();
    for (name, text) in files {
        if !name.starts_with("bot/src/") || !is_rust(name) || is_test(name) {
            continue;
        }
        for (line, literal) in read(without_tests(text)).strings {
            let words: Vec<String> = literal
                .split(|it: char| !it.is_alphabetic())
                .filter(|it| !it.is_empty())
                .map(str::to_lowercase)
                .collect();
            let signs = literal.contains(|it| "¿¡áéíóúñÁÉÍÓÚÑ".contains(it))
                && words.iter().filter(|it| it.chars().count() > 1).count() > 1;
            let common: BTreeSet<_> = words.iter().filter(|it| COMMON.contains(&it.as_str())).collect();
            let allowed =
                SPANISH.iter().any(|(file, start, _)| name.starts_with(file) && literal.starts_with(start));
            if (signs || common.len() > 1) && !allowed {
                complaints.push(format!("{name}:{line}: \"{literal}\" is Spanish in code"));
            }
        }
    }
    complaints
}

#[test]
fn no_citizen_reads_a_string_of_the_code() {
    let bad = [
        file("bot/src/engine/a.rs", "f(\"¿Quieres ver más?\"); f(\"agua potable de la red\");"),
        file("bot/src/http/b.rs", "f(\"Población total\")"),
    ];
    assert_eq!(spanish(&bad).len(), 3, "{:?}", spanish(&bad));
    let good = file(
        "bot/src/engine/a.rs",
        "// ¿Qué?\nf(\"mañana\"); f(\"es-MX\");\n#[cfg(test)]\nmod tests { f(\"¿Qué tal?\"); }",
    );
    check(&spanish(&[good]));
    check(&spanish(&tree()));
}

/// Complains of files that do not end with one line break.
fn endings(files: &[File]) -> Vec<String> {
    files
        .iter()
        // Some official and hostile texts end as they end.
        .filter(|(name, text)| {
            !name.starts_with("tests/fixtures/") && !name.starts_with("data/") && !text.is_empty()
        })
        .filter(|(_, text)| !text.ends_with('\n') || text.ends_with("\n\n"))
        .map(|(name, _)| format!("{name} does not end with one line break"))
        .collect()
}

/// Complains of files and folders that a document names and that are not in the tree: as the target
/// of a link, or in backticks with a `/` and an ending of ours, from the root or from `bot/src`.
fn dead_paths(documents: &[File], names: &BTreeSet<String>) -> Vec<String> {
    const ENDINGS: [&str; 8] = ["csv", "ftl", "md", "py", "rs", "sh", "svg", "toml"];
    let there = |path: &str| {
        names.contains(path)
            || names.range(format!("{}/", path.trim_end_matches('/'))..).next().is_some_and(|it| {
                it.strip_prefix(path.trim_end_matches('/')).is_some_and(|it| it.starts_with('/'))
            })
    };
    let mut complaints = Vec::new();
    for (document, text) in documents {
        let folder = document.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for (index, line) in text.lines().enumerate() {
            let mut complain = |path: &str| complaints.push(format!("{document}:{}: no {path}", index + 1));
            for path in line.split('`').skip(1).step_by(2) {
                let ours = path.ends_with('/') || extension(path).is_some_and(|it| ENDINGS.contains(&it));
                let is_path = path.contains('/') && ours && !path.contains([' ', '*', '<', '~', ':']);
                if is_path && !path.starts_with('/') && !there(path) && !there(&format!("bot/src/{path}")) {
                    complain(path);
                }
            }
            for (target, _) in line.split("](").skip(1).filter_map(|it| it.split_once(')')) {
                if !target.contains(':') && !target.starts_with('#') && !there(&format!("{folder}{target}")) {
                    complain(target);
                }
            }
        }
    }
    complaints
}

#[test]
fn documents_name_files_that_are_there() {
    let names = BTreeSet::from(["bot/src/a/b.rs", "data/x.csv", "data/y/z.md"].map(str::to_owned));
    let bad = [
        file("README.md", "`bot/src/a/c.rs`, `data/x.csv`\n[x](data/w.csv) and `gone/`"),
        file("data/README.md", "[z](y/z.md), [w](x/z.md)"),
    ];
    assert_eq!(
        dead_paths(&bad, &names),
        [
            "README.md:1: no bot/src/a/c.rs",
            "README.md:2: no gone/",
            "README.md:2: no data/w.csv",
            "data/README.md:1: no x/z.md",
        ]
    );
    let good = "`a/b.rs` `a/` `data/y/` `b.rs` `packs/current` [y](data/y) [site](https://example.org/a.md)";
    check(&dead_paths(&[file("ARCHITECTURE.md", good)], &names));

    let tree = tree();
    let names = tree.iter().map(|(name, _)| name.clone()).collect();
    let documents = ["README.md", "ARCHITECTURE.md", "messages/README.md"];
    let documents: Vec<File> =
        tree.into_iter().filter(|(name, _)| documents.contains(&name.as_str())).collect();
    assert_eq!(documents.len(), 3, "a document is missing");
    check(&dead_paths(&documents, &names));
}

/// Complains of work left open in code.
fn left_open(files: &[File]) -> Vec<String> {
    // Put together here, so that this file does not complain of itself.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]].map(|it| it.concat());
    let code = |name: &str| ["rs", "sql", "toml", "sh", "py"].iter().any(|it| extension(name) == Some(it));
    let mut complaints = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| code(name)) {
        for (index, line) in text.lines().enumerate() {
            let open = marks.iter().any(|mark| {
                line.match_indices(mark.as_str()).any(|(at, it)| {
                    let word = |it: char| it.is_alphanumeric() || it == '_';
                    !line[..at].ends_with(word) && !line[at + it.len()..].starts_with(word)
                })
            });
            // A text for people may have such a word in capitals: it is one in Spanish.
            if open && is_comment(line) {
                complaints.push(format!("{name}:{}: work left open", index + 1));
            }
        }
    }
    complaints
}

/// Whether a line has a comment of one of our languages.
fn is_comment(line: &str) -> bool {
    ["//", "#", "--", "/*"].iter().any(|it| line.contains(it))
}

#[test]
fn files_are_finished() {
    assert_eq!(endings(&[file("a", "x"), file("b", "x\n\n"), file("c", "x\n"), file("d", "")]).len(), 2);
    let open = ["TO", "DO"].concat();
    assert_eq!(left_open(&[file("a.rs", &format!("// {open}: later")), file("b.rs", "// METODOS")]).len(), 1);
    check(&left_open(&[file("a.rs", &format!("f(\"{open}\")"))]));
    let tree = tree();
    check(&endings(&tree));
    check(&left_open(&tree));
}

#[test]
fn the_lock_file_is_committed() {
    let names: Vec<String> = tree().into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|it| it == "Cargo.lock"), "Cargo.lock is missing or ignored");
}
