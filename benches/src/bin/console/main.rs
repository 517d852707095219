//! What somebody at the console waits for, against the numbers of its design: the console's binary in a terminal of
//! 120x40, on a real service with many cases; beside it a plain `ratatui` window of the same size. It prints a table
//! and asserts nothing.
//!
//! `cargo build --release --workspace --bins && target/release/console [--cases 1000000] [--folder DIR]`

mod plain;
mod service;
mod window;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Parser as _;
use service::Service;
use window::Window;

type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Nothing for so long ends what one key wrote; the preview comes 60 ms after the cursor rests.
const KEY_REST: Duration = Duration::from_millis(25);
/// Nothing for so long: the preview is there as well.
const REST: Duration = Duration::from_millis(150);
/// The longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The list's own columns and lines, where a search shows.
const LIST: (std::ops::Range<usize>, std::ops::Range<usize>) = (3..10, 20..68);
/// What is searched for.
const WORDS: [&str; 8] = ["agua", "fuga", "bache", "poste", "camion", "mercado", "perros", "techo"];

/// Measures the console.
#[derive(Debug, clap::Parser)]
struct Arguments {
    /// Cases in the service.
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
    /// Folder of the service, kept: a later run does not make the cases again. Default: one that is removed.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Starts that are timed.
    #[arg(long, default_value_t = 20)]
    starts: u32,
    /// Moves in the list that are timed.
    #[arg(long, default_value_t = 200)]
    moves: u32,
    /// Seconds of idling and of a burst.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// Events a second in a burst.
    #[arg(long, default_value_t = 2_000)]
    burst: u32,
    /// Seconds that the service may take to come to rest after its start: the clocks of new cases ring then.
    #[arg(long, default_value_t = 900)]
    settle: u32,
    /// Folder with `cabildo` and `cabildo-admin`; default: where this program is.
    #[arg(long)]
    binaries: Option<PathBuf>,
    /// Is the plain window.
    #[arg(long, hide = true)]
    plain: bool,
}

/// The lines of the table.
#[derive(Default)]
struct Table(Vec<(String, String, String, &'static str)>);

impl Table {
    /// A line: what, its limit in words, what was measured, and whether that is within it.
    fn add(&mut self, what: &str, limit: &str, measured: String, within: Option<bool>) {
        let within = within.map_or("", |it| if it { "within" } else { "OVER" });
        // A long run shows how far it is.
        let _ = writeln!(std::io::stderr(), "{what}: {measured} {within}");
        self.0.push((what.to_owned(), limit.to_owned(), measured, within));
    }

    /// Times with limits for the middle and for the 95th of a hundred, ms.
    fn times(&mut self, what: &str, mut took: Vec<f64>, p50: Option<f64>, p95: Option<f64>) {
        let (middle, far, worst) = (at(&mut took, 0.5), at(&mut took, 0.95), at(&mut took, 1.0));
        let limit = |name: &str, it: Option<f64>| it.map(|it| format!("{name} {it} ms"));
        let limits: Vec<String> = [limit("p50", p50), limit("p95", p95)].into_iter().flatten().collect();
        let within = p50.is_none_or(|it| middle <= it) && p95.is_none_or(|it| far <= it);
        let measured = format!("p50 {middle:.2}  p95 {far:.2}  max {worst:.2} ms  ({} times)", took.len());
        self.add(what, &limits.join(", "), measured, (!limits.is_empty()).then_some(within));
    }

    fn print(&self) -> std::io::Result<()> {
        let mut out = std::io::stdout();
        let wide = |of: fn(&(String, String, String, &'static str)) -> usize| self.0.iter().map(of).max();
        let (what, limit) = (wide(|it| it.0.len()).unwrap_or(0), wide(|it| it.1.len()).unwrap_or(0));
        for line in &self.0 {
            writeln!(out, "{:<what$}  {:<limit$}  {:<6}  {}", line.0, line.1, line.3, line.2)?;
        }
        Ok(())
    }
}

/// The value at a share of sorted values.
fn at(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (share * values.len() as f64).ceil() as usize;
    values.get(place.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

fn ms(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1_000.0
}

/// The number of the row under the cursor and of how many, from the second line.
fn row(lines: &[String]) -> Option<(u64, String)> {
    let (row, total) = lines.get(1)?.rsplit_once("row ")?.1.split_once('/')?;
    Some((row.trim().parse().ok()?, total.trim().to_owned()))
}

fn list(lines: &[String]) -> String {
    let (rows, columns) = LIST;
    let part = |it: &String| it.chars().skip(columns.start).take(columns.len()).collect::<String>();
    lines.iter().skip(rows.start).take(rows.len()).map(part).collect()
}

/// One program in windows.
struct Subject<'a> {
    program: &'a Path,
    arguments: Vec<&'a str>,
    home: &'a Path,
}

impl Subject<'_> {
    fn open(&self) -> Result<Window, Problem> {
        Window::open(self.program, &self.arguments, self.home)
    }

    fn open_rested(&self) -> Result<Window, Problem> {
        let mut window = self.open()?;
        window.until("a row", PATIENCE, |it| row(it).is_some_and(|it| it.0 > 0))?;
        while window.burst(REST, PATIENCE.min(REST * 4)).is_some() {}
        Ok(window)
    }

    /// Until something is on the screen, and until rows are.
    fn starts(&self, count: u32) -> Result<(Vec<f64>, Vec<f64>), Problem> {
        let (mut first, mut fresh) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let mut window = self.open()?;
            let any = |it: &[String]| it.iter().any(|line| !line.trim().is_empty());
            first.push(ms(window.began, window.until("a frame", PATIENCE, any)?));
            let rows = window.until("rows", PATIENCE, |it| row(it).is_some_and(|it| it.0 > 0))?;
            fresh.push(ms(window.began, rows));
            window.burst(REST, REST * 4);
            window.close("q")?;
        }
        Ok((first, fresh))
    }
}

/// What moves cost: to the last byte of each, bytes of each, and bytes that come once the cursor rests.
struct Moves {
    took: Vec<f64>,
    bytes: Vec<f64>,
    rested: Vec<f64>,
}

fn moves(window: &mut Window, count: u32) -> Result<Moves, Problem> {
    let mut moves = Moves { took: Vec::new(), bytes: Vec::new(), rested: Vec::new() };
    for number in 0..count {
        // To and fro, so that half of them scroll at the edge of the list and half do not.
        let key = if number / 60 % 2 == 0 { "j" } else { "k" };
        let pressed = window.press(key)?;
        let Some(burst) = window.burst(KEY_REST, Duration::from_secs(2)) else { continue };
        moves.took.push(ms(pressed, burst.last));
        moves.bytes.push(burst.bytes as f64);
        let after = window.burst(REST, Duration::from_millis(250));
        moves.rested.push(after.map_or(0.0, |it| it.bytes as f64));
    }
    Ok(moves)
}

/// Keys while other things happen: until the row's number has followed each.
fn keys_meanwhile(window: &mut Window, span: Duration) -> Result<Vec<f64>, Problem> {
    let (mut took, end) = (Vec::new(), Instant::now() + span);
    let mut down = true;
    while Instant::now() < end {
        let Some((before, _)) = row(&window.lines()) else { return Err("no row".into()) };
        down = before <= 1 || (down && before < 100);
        let wanted = if down { before + 1 } else { before - 1 };
        let pressed = window.press(if down { "j" } else { "k" })?;
        let came = window.until("the next row", PATIENCE, |it| row(it).is_some_and(|it| it.0 == wanted))?;
        took.push(ms(pressed, came));
        window.burst(Duration::from_millis(60), Duration::from_millis(60));
    }
    Ok(took)
}

/// How many pieces come in a time, those within 5 ms being one, and the bytes of all.
fn frames(window: &mut Window, span: Duration) -> (u32, usize) {
    let (mut count, mut bytes, end) = (0, 0, Instant::now() + span);
    while Instant::now() < end {
        let left = end.saturating_duration_since(Instant::now());
        if let Some(burst) = window.burst(Duration::from_millis(5), left) {
            count += 1;
            bytes += burst.bytes;
        }
    }
    (count, bytes)
}

fn kib(window: &Window) -> Result<f64, Problem> {
    Ok(cabildo_benches::process(window.id())?.1 as f64 / 1_024.0)
}

/// What the console noted of its frames when it left: building, and all of it, ms.
fn noted(home: &Path) -> Result<(Vec<f64>, Vec<f64>), Problem> {
    let text = std::fs::read_to_string(home.join("frames"))?;
    let read = |it: &str| it.parse::<f64>().map(|it| it / 1_000.0);
    let mut both = (Vec::new(), Vec::new());
    for line in text.lines() {
        let (build, all) = line.split_once(' ').ok_or("two numbers a line")?;
        both.0.push(read(build)?);
        both.1.push(read(all)?);
    }
    Ok(both)
}

/// The console on the service.
async fn console(
    arguments: &Arguments,
    subject: &Subject<'_>,
    service: &Service,
    table: &mut Table,
) -> Result<(), Problem> {
    let span = Duration::from_secs(u64::from(arguments.seconds));
    let (first, fresh) = subject.starts(arguments.starts)?;
    table.times("start to first frame", first, None, Some(60.0));
    let limit = if arguments.cases > 100_000 { 400.0 } else { 300.0 };
    table.times("start to fresh rows", fresh, None, Some(limit));

    let mut window = subject.open_rested()?;
    let opened = Instant::now();
    let begin = kib(&window)?;
    let mut list_moves = moves(&mut window, arguments.moves)?;
    table.times("key to last byte, list move", list_moves.took, Some(1.5), Some(8.0));
    let bytes = at(&mut list_moves.bytes, 0.5);
    table.add("bytes of a list move", "p50 700", format!("p50 {bytes:.0}"), Some(bytes <= 700.0));
    let rested = at(&mut list_moves.rested, 0.5);
    table.add("bytes of the preview once the cursor rests", "", format!("p50 {rested:.0}"), None);

    let mut jumps = Vec::new();
    let mut reached = String::new();
    for _ in 0..20 {
        let pressed = window.press("G")?;
        let last = |it: &[String]| row(it).is_some_and(|(row, total)| row.to_string() == total && row > 1);
        jumps.push(ms(pressed, window.until("the last row", PATIENCE, last)?));
        if let Some((row, _)) = row(&window.lines()) {
            reached = row.to_string();
        }
        window.burst(REST, Duration::from_secs(2));
        window.press("gg")?;
        window.burst(REST, Duration::from_secs(2));
    }
    table.times(&format!("jump to the last row, {reached}"), jumps, None, Some(150.0));

    let mut searches = Vec::new();
    for word in WORDS.iter().cycle().take(24) {
        window.press("/")?;
        window.burst(KEY_REST, Duration::from_secs(2));
        let before = (list(&window.lines()), row(&window.lines()).map(|it| it.1));
        let mut pressed = Instant::now();
        for letter in word.chars() {
            // As fast as a quick typist: only the last letter is followed by a rest.
            window.burst(Duration::from_millis(60), Duration::from_millis(60));
            pressed = window.press(&letter.to_string())?;
        }
        let came =
            window.until("what was searched", PATIENCE, |it| (list(it), row(it).map(|it| it.1)) != before)?;
        searches.push(ms(pressed, came) - 80.0);
        window.press("\u{1b}")?;
        window.until("the list again", PATIENCE, |it| row(it).map(|it| it.1) == before.1)?;
        window.burst(REST, REST * 4);
    }
    table.times("search: rows after 80 ms of rest", searches, None, Some(200.0));

    // Everything that it keeps: pages until no more are fetched.
    for _ in 0..400 {
        window.press("\u{4}")?;
        window.burst(KEY_REST, Duration::from_millis(200));
    }
    window.press("gg")?;
    window.burst(REST, Duration::from_secs(2));

    let (message, case) = service.events_of_each().await?;
    let heard = service.listen();
    let desk = service.desk(5.0 / case);
    frames(&mut window, Duration::from_secs(2));
    let (processor, events, began) =
        (cabildo_benches::process(window.id())?.0, heard.count(), Instant::now());
    let (drawn, bytes) = frames(&mut window, span);
    let seconds = began.elapsed().as_secs_f64();
    let used = (cabildo_benches::process(window.id())?.0 - processor) as f64 / 1e4 / seconds;
    let rate = (heard.count() - events) as f64 / seconds;
    drop(desk);
    let measured = format!(
        "{used:.2} % of a core at {rate:.1} events/s, {:.1} frames/s of {:.0} bytes",
        f64::from(drawn) / seconds,
        bytes as f64 / f64::from(drawn.max(1))
    );
    let within = used <= 1.0 && f64::from(drawn) / seconds <= 10.0;
    table.add("idle with 5 events/s", "1 % of a core, 10 frames/s", measured, Some(within));

    // One call in twenty opens a case, the others are messages.
    let of_each = (19.0 * message + case) / 20.0;
    let wanted = f64::from(arguments.burst);
    let mut rate = wanted / of_each;
    let mut phones = service.phones(rate);
    for _ in 0..6 {
        frames(&mut window, Duration::from_secs(1));
        let events = heard.count();
        frames(&mut window, Duration::from_secs(2));
        let reached = (heard.count() - events) as f64 / 2.0;
        if (wanted * 0.9..wanted * 1.2).contains(&reached) {
            break;
        }
        // Once more, by what came of it; a service at its end gives what it can.
        rate *= (wanted / reached.max(1.0)).clamp(0.3, 3.0);
        drop(phones);
        phones = service.phones(rate);
    }
    let (events, began, processor) = (heard.count(), Instant::now(), service.processor()?);
    let took = keys_meanwhile(&mut window, span)?;
    let seconds = began.elapsed().as_secs_f64();
    let rate = (heard.count() - events) as f64 / seconds;
    let server = (service.processor()? - processor) as f64 / 1e4 / seconds;
    drop(phones);
    let what = format!("keys at {rate:.0} events/s (the service: {server:.0} % of a core)");
    table.times(&what, took, None, Some(16.0));
    while window.burst(REST, Duration::from_secs(2)).is_some() {}

    let (end, age) = (kib(&window)?, opened.elapsed().as_secs());
    let measured = format!("{end:.1} MiB after {age} s of use; {begin:.1} at its begin");
    table.add("memory", "40 MB", measured, Some(end * 1.048_576 <= 40.0));
    window.close("q")?;
    let (build, all) = noted(subject.home)?;
    table.times("frame build", build, Some(0.6), Some(3.0));
    table.times("frame, with what it writes", all, None, None);
    Ok(())
}

/// A plain window of the same size, for scale.
fn plain(arguments: &Arguments, subject: &Subject<'_>, table: &mut Table) -> Result<(), Problem> {
    let (first, _) = subject.starts(arguments.starts)?;
    table.times("plain window: start to first frame", first, None, None);
    let mut window = subject.open_rested()?;
    let mut list_moves = moves(&mut window, arguments.moves)?;
    table.times("plain window: key to last byte, list move", list_moves.took, None, None);
    let bytes = at(&mut list_moves.bytes, 0.5);
    table.add("plain window: bytes of a list move", "", format!("p50 {bytes:.0}"), None);
    table.add("plain window: memory", "", format!("{:.1} MiB", kib(&window)?), None);
    window.close("q")
}

/// The console in tmux in our terminal.
fn in_tmux(arguments: &Arguments, subject: &Subject<'_>, table: &mut Table) -> Result<(), Problem> {
    let config = subject.home.join("tmux.conf");
    std::fs::write(&config, "set -g status off\nset -s escape-time 0\n")?;
    let socket = format!("cabildo-console-{}", std::process::id());
    let config = config.to_str().ok_or("a path in UTF-8")?;
    let mut words = vec!["-L", &socket, "-f", config, "new-session", "--"];
    words.push(subject.program.to_str().ok_or("a path in UTF-8")?);
    words.extend(&subject.arguments);
    let inside = Subject { program: Path::new("tmux"), arguments: words, home: subject.home };
    let mut window = inside.open_rested()?;
    let list_moves = moves(&mut window, arguments.moves)?;
    table.times("key to last byte through tmux, list move", list_moves.took, None, Some(16.0));
    window.close("q")
}

#[tokio::main]
async fn main() -> Result<(), Problem> {
    let arguments = Arguments::parse();
    if arguments.plain {
        return plain::run();
    }
    let own = std::env::current_exe()?;
    let binaries = arguments.binaries.clone().or_else(|| own.parent().map(Path::to_owned));
    let binaries = binaries.ok_or("no folder of binaries")?;
    let (cabildo, admin) = (binaries.join("cabildo"), binaries.join("cabildo-admin"));
    for needed in [&cabildo, &admin] {
        if !needed.is_file() {
            let advice = "build it with cargo build --release --workspace --bins, or name its folder";
            return Err(format!("{} is missing: {advice} with --binaries", needed.display()).into());
        }
    }
    let temporary = tempfile::tempdir()?;
    let folder = arguments.folder.clone().unwrap_or_else(|| temporary.path().join("service"));
    std::fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let home = temporary.path().join("home");
    std::fs::create_dir_all(&home)?;
    let service = Service::start(&cabildo, &folder, arguments.cases).await?;
    service.sign_in(&home)?;
    let mut table = Table::default();
    let rate = service.settle(Duration::from_secs(u64::from(arguments.settle))).await;
    table.add("events of the service alone", "", format!("{rate:.1} a second"), None);
    let before = cabildo_benches::load_average();
    let server = service.staff.clone();
    let subject = Subject { program: &admin, arguments: vec!["--server", &server], home: &home };
    console(&arguments, &subject, &service, &mut table).await?;
    if std::process::Command::new("tmux").arg("-V").output().is_ok_and(|it| it.status.success()) {
        in_tmux(&arguments, &subject, &mut table)?;
    } else {
        table.add("key to last byte through tmux", "p95 16 ms", "tmux is not installed".to_owned(), None);
    }
    drop(service);
    let beside = Subject { program: &own, arguments: vec!["--plain"], home: &home };
    plain(&arguments, &beside, &mut table)?;
    writeln!(
        std::io::stdout(),
        "{} cases, {}x{}, {}, load average {before} before and {} after",
        arguments.cases,
        window::SIZE.0,
        window::SIZE.1,
        if cfg!(debug_assertions) { "not optimised" } else { "optimised" },
        cabildo_benches::load_average()
    )?;
    table.print()?;
    Ok(())
}
