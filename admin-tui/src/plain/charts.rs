//! Charts in the line mode: their tables, line by line.

use std::io;
use std::path::Path;

use super::{Lines, read, say};
use crate::api::{Answer, Ask};
use crate::chart_data::{Chart, TIMES};
use crate::safe::{Code, SafeText};
use crate::screens::charts::{self, GROUPS, RANGES};
use crate::session::keep_chart;

impl Lines {
    /// Charts as the lines of their tables.
    pub(super) async fn charts(&mut self) -> io::Result<()> {
        let (mut group, mut range) = (0, 1);
        let known = self.shared.rows.values().map(|it| it.municipality.clone()).min();
        let mut municipality = match known {
            Some(it) => it,
            None => match self.municipality()? {
                Some(it) => it,
                None => return Ok(()),
            },
        };
        loop {
            self.shared.want_desk(&municipality);
            self.pump().await?;
            let ask = Ask::Series(municipality.clone(), Code::new(GROUPS[group]), RANGES[range]);
            match self.api.ask(ask).await {
                Ok(Answer::Series(series)) => {
                    let words = self.words();
                    let args = [
                        ("place", series.name.clone()),
                        ("group", words.code("chart-by", &Code::new(GROUPS[group]))),
                        ("days", words.fill("chart-days", &[("days", SafeText::number(RANGES[range]))])),
                    ];
                    say(&words.fill("plain-charts", &args))?;
                    for ([name, people, kept, disputed], _) in charts::rows(&series, group, &self.shared) {
                        let args =
                            [("name", name), ("people", people), ("kept", kept), ("disputed", disputed)];
                        say(&words.fill("plain-chart-row", &args))?;
                    }
                }
                Ok(_) => return Ok(()),
                Err(failure) => self.fail(&failure)?,
            }
            self.ask_for("plain-chart-choices")?;
            let Some(chosen) = read()? else { return Ok(()) };
            match chosen.as_str().trim() {
                "q" => return Ok(()),
                "g" => group = (group + 1) % GROUPS.len(),
                "r" => range = (range + 1) % RANGES.len(),
                "m" => municipality = self.municipality()?.unwrap_or(municipality),
                "p" => self.chart(&municipality).await?,
                "" => {}
                _ => self.ask_for("plain-unknown")?,
            }
        }
    }

    /// Answer times as a picture in a file.
    async fn chart(&self, municipality: &Code) -> io::Result<()> {
        let chart = Chart { municipality: municipality.clone(), kind: TIMES, topic: None };
        let name = chart.file_name();
        match self.api.ask(Ask::Chart(chart, self.words().tag())).await {
            Ok(Answer::Chart(picture)) => match keep_chart(Path::new("."), &name, &picture.0) {
                Ok(path) => {
                    let path = SafeText::line(&path.to_string_lossy());
                    say(&self.words().fill("chart-kept", &[("path", path)]))
                }
                Err(_) => say(&self.words().say("chart-not-kept")),
            },
            Ok(_) => Ok(()),
            Err(failure) => self.fail(&failure),
        }
    }

    fn municipality(&self) -> io::Result<Option<Code>> {
        self.ask_for("want-municipality")?;
        let typed = read()?.map(|it| Code::new(it.as_str().trim()));
        Ok(typed.filter(|it| !it.as_str().is_empty()))
    }
}
