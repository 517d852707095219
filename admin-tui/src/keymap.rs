//! Which key does what: one table, which also writes the footer, the help and the palette.
//!
//! A layer is a screen, or a part of one that takes letters; a key that the layer on top does not know is looked
//! up in [`Layer::Global`]. `keymap.toml` has a table for each layer and in it a list of keys for each command.

mod command;
mod defaults;
mod key;

use std::collections::BTreeMap;

use crate::safe::SafeText;

pub use command::{Command, Layer};
use defaults::{
    AUDIT, BROADCAST, BROADCASTS, CANDIDATES, CASE, CHARTS, CLUSTERS, COMPOSER, DEMAND, DEMANDS, FEEDBACK,
    GLOBAL, HIGHLIGHT, HIGHLIGHTS, INDICATORS, LEADERS, NOTICES, OUTBOX, PROMISES, QUEUE, UNKNOWN, WORK,
};
pub use key::{Chord, Key};

/// What is wrong with a keymap file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeymapProblem {
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub what: Wrong,
    /// The word that it is about.
    pub word: SafeText,
}

/// The kinds of [`KeymapProblem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no TOML.
    NotToml,
    /// There is no such table.
    UnknownLayer,
    /// There is no such command.
    UnknownCommand,
    /// It is no list of texts.
    NotAList,
    /// There is no such key.
    UnknownKey,
    /// The key is there twice in one layer, or a prefix of another.
    Clash,
    /// Nothing would lead out of the layer.
    NoWayOut,
}

impl Wrong {
    /// Its key in the catalogue.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotToml => "keymap-not-toml",
            Self::UnknownLayer => "keymap-unknown-layer",
            Self::UnknownCommand => "keymap-unknown-command",
            Self::NotAList => "keymap-not-a-list",
            Self::UnknownKey => "keymap-unknown-key",
            Self::Clash => "keymap-clash",
            Self::NoWayOut => "keymap-no-way-out",
        }
    }
}

/// What a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A command.
    Command(Command),
    /// More keys follow.
    Prefix,
    /// Nothing.
    Nothing,
}

/// The whole table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    layers: BTreeMap<Layer, BTreeMap<Command, Vec<Chord>>>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut layers = BTreeMap::new();
        for layer in Layer::ALL {
            let tables: &[defaults::Rows] = match layer {
                Layer::Global => &[GLOBAL],
                Layer::Queue => &[WORK, QUEUE],
                Layer::Case => &[WORK, CASE],
                Layer::Feedback => &[FEEDBACK],
                Layer::Unknown => &[UNKNOWN],
                Layer::Notices => &[NOTICES],
                Layer::Outbox => &[OUTBOX],
                Layer::Audit => &[AUDIT],
                Layer::Demands => &[DEMANDS],
                Layer::Demand => &[DEMANDS, DEMAND],
                Layer::Leaders => &[LEADERS],
                Layer::Clusters => &[CLUSTERS],
                Layer::Promises => &[PROMISES],
                Layer::Highlights => &[HIGHLIGHTS],
                Layer::Highlight => &[HIGHLIGHT],
                Layer::Candidates => &[CANDIDATES],
                Layer::Broadcasts => &[BROADCASTS],
                Layer::Broadcast => &[BROADCAST],
                Layer::Indicators => &[INDICATORS],
                Layer::Charts => &[CHARTS],
                Layer::Followed | Layer::Desk => &[],
                Layer::Composer => &[COMPOSER],
            };
            let rows = tables.iter().flat_map(|it| it.iter());
            let chords = |keys: &[&str]| keys.iter().filter_map(|it| Chord::named(it)).collect();
            layers.insert(*layer, rows.map(|(command, keys)| (*command, chords(keys))).collect());
        }
        Self { layers }
    }
}

impl Keymap {
    /// The defaults with the changes of a keymap file.
    ///
    /// # Errors
    /// Everything that is wrong with the file; the defaults hold then.
    pub fn read(file: &str) -> Result<Self, Vec<KeymapProblem>> {
        let document = toml_edit::ImDocument::parse(file).map_err(|problem| {
            let line = problem.span().map_or(1, |it| line_of(file, it.start));
            vec![KeymapProblem { line, what: Wrong::NotToml, word: SafeText::default() }]
        })?;
        let mut keymap = Self::default();
        let mut problems = Vec::new();
        let mut lines = BTreeMap::new();
        for (name, item) in document.iter() {
            let place = document.key(name).and_then(toml_edit::Key::span).map_or(0, |it| it.start);
            let mut wrong = |what, word: &str, at: usize| {
                problems.push(KeymapProblem { line: line_of(file, at), what, word: SafeText::line(word) });
            };
            let layer = Layer::ALL.iter().find(|it| it.name() == name);
            let (Some(layer), Some(table)) = (layer, item.as_table()) else {
                wrong(Wrong::UnknownLayer, name, place);
                continue;
            };
            for (name, item) in table {
                let at = table.key(name).and_then(toml_edit::Key::span).map_or(place, |it| it.start);
                let Some(command) = Command::named(name) else {
                    wrong(Wrong::UnknownCommand, name, at);
                    continue;
                };
                let Some(keys) = item.as_array() else {
                    wrong(Wrong::NotAList, name, at);
                    continue;
                };
                let mut chords = Vec::new();
                for key in keys {
                    let at = key.span().map_or(at, |it| it.start);
                    match key.as_str().map(|it| (it, Chord::named(it))) {
                        Some((_, Some(chord))) => chords.push(chord),
                        Some((word, None)) => wrong(Wrong::UnknownKey, word, at),
                        None => wrong(Wrong::NotAList, name, at),
                    }
                }
                lines.insert((*layer, command), line_of(file, at));
                keymap.layers.entry(*layer).or_default().insert(command, chords);
            }
        }
        problems.extend(keymap.problems(&lines));
        if problems.is_empty() { Ok(keymap) } else { Err(problems) }
    }

    /// Clashes, and layers without a way out.
    fn problems(&self, lines: &BTreeMap<(Layer, Command), usize>) -> Vec<KeymapProblem> {
        let mut problems = Vec::new();
        for (layer, commands) in &self.layers {
            let all: Vec<(&Chord, Command)> = commands
                .iter()
                .flat_map(|(command, chords)| chords.iter().map(|it| (it, *command)))
                .collect();
            for (at, (chord, command)) in all.iter().enumerate() {
                for (other, second) in &all[at + 1..] {
                    if chord.0.starts_with(&other.0) || other.0.starts_with(&chord.0) {
                        let line = |it: Command| lines.get(&(*layer, it)).copied();
                        let line = line(*command).max(line(*second)).unwrap_or(0);
                        problems.push(KeymapProblem { line, what: Wrong::Clash, word: chord.text() });
                    }
                }
            }
            let leads_out: &[Command] = match layer {
                Layer::Global => &[Command::Quit, Command::Back],
                Layer::Composer => &[Command::Back],
                _ => &[],
            };
            for command in leads_out {
                if commands.get(command).is_none_or(Vec::is_empty) {
                    let line = lines.get(&(*layer, *command)).copied().unwrap_or(0);
                    problems.push(KeymapProblem {
                        line,
                        what: Wrong::NoWayOut,
                        word: SafeText::own(layer.name()),
                    });
                }
            }
        }
        // A layer must not bury the keys that lead out of it.
        for layer in Layer::ALL.iter().filter(|it| **it != Layer::Global && !it.takes_letters()) {
            for command in [Command::Quit, Command::Back] {
                let ways = self.chords(Layer::Global, command);
                let open = ways.iter().any(|it| {
                    matches!(self.find_in(*layer, it.keys()), Found::Nothing)
                        || self.find_in(*layer, it.keys()) == Found::Command(command)
                });
                if !ways.is_empty() && !open {
                    let line = lines.iter().filter(|it| it.0.0 == *layer).map(|it| *it.1).min().unwrap_or(0);
                    let what = Wrong::NoWayOut;
                    problems.push(KeymapProblem { line, what, word: SafeText::own(layer.name()) });
                }
            }
        }
        problems
    }

    /// The keys of a command in one layer.
    pub fn chords(&self, layer: Layer, command: Command) -> &[Chord] {
        self.layers.get(&layer).and_then(|it| it.get(&command)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The first key of a command as somebody on `layer` presses it.
    pub fn first(&self, layer: Layer, command: Command) -> Option<&Chord> {
        let own = self.chords(layer, command).first();
        let global = self
            .chords(Layer::Global, command)
            .iter()
            .find(|it| self.find_in(layer, it.keys()) == Found::Nothing);
        own.or(global.filter(|_| !layer.takes_letters()))
    }

    /// What `keys` lead to on `layer`.
    pub fn find(&self, layer: Layer, keys: &[Key]) -> Found {
        let own = self.find_in(layer, keys);
        if layer.takes_letters() || layer == Layer::Global || matches!(own, Found::Command(_)) {
            return own;
        }
        match (own, self.find_in(Layer::Global, keys)) {
            (Found::Prefix, _) => Found::Prefix,
            (_, global) => global,
        }
    }

    fn find_in(&self, layer: Layer, keys: &[Key]) -> Found {
        let Some(commands) = self.layers.get(&layer) else { return Found::Nothing };
        let mut found = Found::Nothing;
        for (command, chords) in commands {
            for chord in chords {
                if chord.0 == keys {
                    return Found::Command(*command);
                }
                if chord.0.starts_with(keys) {
                    found = Found::Prefix;
                }
            }
        }
        found
    }

    /// What may follow a prefix on `layer`, for the hint strip.
    pub fn after(&self, layer: Layer, keys: &[Key]) -> Vec<(Chord, Command)> {
        let layers = [layer, Layer::Global];
        let layers = layers.iter().take(if layer.takes_letters() || layer == Layer::Global { 1 } else { 2 });
        let mut found: Vec<(Chord, Command)> = Vec::new();
        for layer in layers {
            for (command, chords) in self.layers.get(layer).into_iter().flatten() {
                for chord in chords.iter().filter(|it| it.0.len() > keys.len() && it.0.starts_with(keys)) {
                    if !found.iter().any(|it| it.0 == *chord) {
                        found.push((chord.clone(), *command));
                    }
                }
            }
        }
        found.sort_by_key(|it| it.0.text().as_str().to_owned());
        found
    }

    /// Every command that works on `layer` and its keys: what help and palette list.
    pub fn commands(&self, layer: Layer) -> Vec<(Command, Vec<Chord>)> {
        let own = self.layers.get(&layer).into_iter().flatten();
        let mut all: BTreeMap<Command, Vec<Chord>> =
            own.map(|(command, chords)| (*command, chords.clone())).collect();
        if !layer.takes_letters() && layer != Layer::Global {
            for (command, chords) in self.layers.get(&Layer::Global).into_iter().flatten() {
                let open = chords.iter().filter(|it| self.find_in(layer, it.keys()) == Found::Nothing);
                all.entry(*command).or_default().extend(open.cloned());
            }
        }
        all.into_iter().collect()
    }
}

fn line_of(file: &str, at: usize) -> usize {
    file.as_bytes().iter().take(at).filter(|it| **it == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn keys(text: &str) -> Vec<Key> {
        Chord::named(text).map(|it| it.0).unwrap_or_default()
    }

    #[test]
    fn the_defaults_have_no_clash_and_a_way_out() {
        assert_eq!(Keymap::default().problems(&BTreeMap::new()), Vec::new());
    }

    #[test]
    fn every_default_key_is_one() {
        for table in [
            GLOBAL, WORK, QUEUE, CASE, FEEDBACK, UNKNOWN, NOTICES, OUTBOX, AUDIT, DEMANDS, DEMAND, LEADERS,
            CLUSTERS, HIGHLIGHTS, HIGHLIGHT, CANDIDATES, BROADCASTS, BROADCAST, INDICATORS, CHARTS, COMPOSER,
        ] {
            for (command, keys) in table {
                for key in *keys {
                    assert!(Chord::named(key).is_some(), "{} has {key}", command.name());
                }
            }
        }
    }

    #[test]
    fn every_command_of_a_footer_has_a_key() {
        let keymap = Keymap::default();
        for layer in Layer::ALL {
            for command in layer.footer() {
                assert!(keymap.first(*layer, *command).is_some(), "{} on {}", command.name(), layer.name());
            }
        }
    }

    #[test]
    fn a_screen_hides_a_global_key_and_a_prefix_waits() {
        let keymap = Keymap::default();
        assert_eq!(keymap.find(Layer::Queue, &keys("j")), Found::Command(Command::Down));
        assert_eq!(keymap.find(Layer::Queue, &keys("g")), Found::Prefix);
        assert_eq!(keymap.find(Layer::Queue, &keys("g q")), Found::Command(Command::GoQueue));
        assert_eq!(keymap.find(Layer::Queue, &keys("w")), Found::Prefix);
        assert_eq!(keymap.find(Layer::Composer, &keys("j")), Found::Nothing);
        assert_eq!(keymap.after(Layer::Queue, &keys("w")).len(), 5);
    }

    #[test]
    fn a_file_changes_keys() {
        let keymap = Keymap::read("[queue]\ntake = [\"Ctrl-A\", \"Space\"]\n").expect("a sound file");
        assert_eq!(keymap.find(Layer::Queue, &keys("Ctrl-A")), Found::Command(Command::Take));
        assert_eq!(keymap.find(Layer::Queue, &keys("a")), Found::Nothing);
        assert_eq!(keymap.find(Layer::Case, &keys("a")), Found::Command(Command::Take));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_line() {
        let wrong = |file: &str| {
            let problems = Keymap::read(file).expect_err("a wrong file");
            problems.iter().map(|it| (it.line, it.what)).collect::<Vec<_>>()
        };
        assert_eq!(wrong("[queue]\n\nfly = [\"f\"]\n"), [(3, Wrong::UnknownCommand)]);
        assert_eq!(wrong("[attic]\nopen = [\"f\"]\n"), [(1, Wrong::UnknownLayer)]);
        assert_eq!(wrong("[queue]\ntake = [\"Alt-A\"]\n"), [(2, Wrong::UnknownKey)]);
        assert_eq!(wrong("[queue]\ntake = \"a\"\n"), [(2, Wrong::NotAList)]);
        assert_eq!(wrong("[queue]\ntake = [\"r\"]\n"), [(2, Wrong::Clash)]);
        assert_eq!(wrong("[queue]\ntake = [\"w\"]\n").first(), Some(&(2, Wrong::Clash)));
        assert_eq!(wrong("[global]\nquit = []\n"), [(2, Wrong::NoWayOut)]);
        assert_eq!(wrong("[composer]\nback = []\n"), [(2, Wrong::NoWayOut)]);
        assert_eq!(wrong("[case]\ntake = [\"q\"]\n"), [(2, Wrong::NoWayOut)]);
        assert_eq!(wrong("[queue\n"), [(1, Wrong::NotToml)]);
    }

    #[test]
    fn no_key_needs_alt_or_what_a_terminal_sends_for_others() {
        for name in ["Alt-A", "Ctrl-I", "Ctrl-M", "Ctrl-H", "g q x", "", "F13"] {
            assert_eq!(Chord::named(name), None, "{name}");
        }
        let alt = KeyEvent::new(KeyCode::Char('a'), KeyModifiers::ALT);
        assert_eq!(Key::of(alt), None);
    }
}
