//! What the timings share.

use cabildo_bot::domain::facts::Facts;

/// The embedded pack.
///
/// # Panics
/// When the embedded pack does not load: there is nothing to time then.
pub fn facts() -> Facts {
    match cabildo_bot::embedded::facts() {
        Ok(facts) => facts,
        Err(problem) => panic!("the embedded pack does not load: {problem}"),
    }
}

/// Names as people write them: exact, without accents, with a state, with a slip, a nickname, a
/// postcode, an ambiguous one and no place at all.
pub const WRITTEN: [(&str, &str); 8] = [
    ("exact", "Tlapa de Comonfort"),
    ("part", "tlapa"),
    ("state", "benito juarez qroo"),
    ("slip", "guadalajra"),
    ("nickname", "neza"),
    ("postcode", "41304"),
    ("ambiguous", "san juan"),
    ("none", "buenos dias señorita"),
];

/// What `/proc` says of a process: processor time so far, in µs, and resident memory, in KiB.
///
/// # Errors
/// There is no such process, or no `/proc`.
pub fn process(id: u32) -> std::io::Result<(u64, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name, in brackets, may hold blanks; fields 14 and 15 are user and system time in ticks,
    // of which there are 100 a second on Linux.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = fields.iter().skip(11).take(2).filter_map(|it| it.parse::<u64>().ok()).sum();
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let resident = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let resident = resident.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
    Ok((ticks * 10_000, resident))
}

/// The load averages of the machine, as `/proc/loadavg` writes them; `?` where there is none.
pub fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let words: Vec<&str> = text.split(' ').take(3).collect();
    if words.len() == 3 { words.join(" ") } else { "?".to_owned() }
}

/// Appends of 4 KiB with `fdatasync` after each, a second, in `folder`: what the disk gives without
/// any database.
///
/// # Errors
/// The folder can't be written to.
pub fn raw_syncs(folder: &std::path::Path, span: std::time::Duration) -> std::io::Result<f64> {
    use std::io::Write as _;
    let path = folder.join("raw-syncs");
    let mut file = std::fs::File::create(&path)?;
    let (began, mut count) = (std::time::Instant::now(), 0_u32);
    while began.elapsed() < span {
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        count += 1;
    }
    let rate = f64::from(count) / began.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}
