//! Addresses of the net, also as people write them so that no machine finds them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::plain::Plain;

/// Providers that people name without what follows the dot.
const PROVIDERS: &str = "gmail|hotmail|outlook|yahoo|live|icloud|prodigy|protonmail|proton|aol|msn";
/// Ends of addresses that are believed where the sign or the dot is a word or stands apart.
const ENDS: &str = "com|mx|net|org|edu|gob|gov|es|info|us";

static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r#"(?:"[^"]{1,40}"|[a-z0-9_%+-]+(?:(?: ?\. ?| punto | guion bajo | guion )[a-z0-9_%+-]+)*)"#;
    let sign = r"(?: ?@ ?| ?[(\[{] ?(?:@|at|arroba|a) ?[)\]}] ?| arroba | at )";
    let dot = r"(?: ?[.,;] ?| ?[(\[{] ?(?:punto|dot) ?[)\]}] ?| punto | dot )";
    let tight = format!(r"{name}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{{2,}}");
    let loose = format!(r"{name}{sign}[a-z0-9-]+(?:{dot}[a-z0-9-]+)*?{dot}(?:{ENDS})(?:{dot}(?:{ENDS}))?\b");
    let bare = format!(r"{name}{sign}(?:{PROVIDERS})\b");
    let expression = format!(r"(?:^|[^a-z0-9._%+-])({tight}|{loose}|{bare})");
    let compiled = Regex::new(&expression);
    debug_assert!(compiled.is_ok(), "{expression}");
    compiled.ok()
});

/// Addresses of the net.
pub(super) fn email(plain: &Plain) -> Vec<Range<usize>> {
    let Some(expression) = &*EMAIL else { return Vec::new() };
    expression.captures_iter(&plain.text).filter_map(|it| Some(it.get(1)?.range())).collect()
}
