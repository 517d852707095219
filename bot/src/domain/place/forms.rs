//! Every way of writing a municipality's name that the index knows.

use std::collections::{HashMap, HashSet};

use super::super::municipality::{Municipality, MunicipalityId};
use super::postings::{Postings, deletes, hash};
use super::sound::{letters, sound};
use super::{Alias, AliasKind, Why, reader, spanish};

/// What a form is of its municipality; the order is that of trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The official name.
    Name,
    /// The short name of the pack, or a short form of the alias table.
    Short,
    /// A nickname, an old name or a town of the alias table.
    Alias,
    /// The head town's name.
    HeadTown,
    /// The beginning of the name, or all of it but what stands before its own word.
    Cut,
    /// Some other words of the name.
    Part,
}

impl Kind {
    /// The reason that is given for a candidate found by such a form.
    pub fn why(self) -> Why {
        match self {
            Self::Name => Why::Name,
            Self::Short => Why::ShortName,
            Self::Alias => Why::Alias,
            Self::HeadTown => Why::HeadTown,
            Self::Cut | Self::Part => Why::Part,
        }
    }

    /// Whether it is a whole name.
    pub fn is_whole(self) -> bool {
        self < Self::Cut
    }
}

/// One way of writing a municipality's name.
#[derive(Debug)]
pub struct Form {
    /// Whose name.
    pub municipality: MunicipalityId,
    /// What it is of the municipality.
    pub kind: Kind,
    /// Letters with articles; empty for cuts and parts.
    pub full: Box<[u8]>,
    /// Letters without articles.
    pub bare: Box<[u8]>,
    /// How `bare` sounds.
    pub sound: Box<[u8]>,
    /// Its words in [`Forms::words`]; empty for cuts and parts.
    pub words: Box<[u16]>,
}

/// A word of some name.
#[derive(Debug)]
pub struct NameWord {
    /// Its letters.
    pub letters: Box<[u8]>,
    /// How it sounds.
    pub sound: Box<[u8]>,
    /// Whether it says nothing about which place is meant.
    pub generic: bool,
    /// The whole names in which it stands.
    pub forms: Vec<u32>,
}

/// All forms with the ways into them.
#[derive(Debug, Default)]
pub struct Forms {
    /// The forms.
    pub all: Vec<Form>,
    /// Words of whole names, by their letters.
    pub words: Vec<NameWord>,
    /// Whole names by their letters with articles.
    pub by_full: Postings,
    /// Every form by its letters without articles.
    pub by_bare: Postings,
    /// Every form by its sound less some letters, and by its letters less at most one.
    pub by_sound: Postings,
    /// Words by their sound, and by their letters, less at most one.
    pub words_by_sound: Postings,
    /// First words, in full, of whole names, with the article and without.
    pub first_words: HashSet<String>,
}

/// Letters below which a form isn't looked up with two letters missing.
const TWO_SLIPS_FROM: usize = 6;
/// Letters above which it isn't either: their number grows with the square.
const TWO_SLIPS_TO: usize = 26;
/// Letters below which a sound must be the same.
const ONE_SLIP_FROM: usize = 4;

/// How many letters may be missing in the index for a sound of this length.
fn index_depth(length: usize, kind: Kind) -> u8 {
    match length {
        0..ONE_SLIP_FROM => 0,
        TWO_SLIPS_FROM..=TWO_SLIPS_TO if kind.is_whole() => 2,
        _ => 1,
    }
}

/// How many letters a person's writing may have too many.
pub fn query_depth(length: usize) -> u8 {
    match length {
        0..ONE_SLIP_FROM => 0,
        TWO_SLIPS_FROM..=TWO_SLIPS_TO => 2,
        _ => 1,
    }
}

struct Builder {
    forms: Vec<Form>,
    words: HashMap<String, u16>,
    seen: HashSet<(MunicipalityId, Box<[u8]>)>,
    first_words: HashSet<String>,
}

impl Builder {
    fn whole(&mut self, municipality: MunicipalityId, kind: Kind, name: &str) {
        let words = reader::read(name);
        let (full, bare) = reader::joined(&words);
        let full = letters(&full).into_boxed_slice();
        if full.is_empty() || !self.seen.insert((municipality, full.clone())) {
            return;
        }
        let bare = letters(&bare);
        let heard = sound(&bare);
        let own = words.iter().find(|it| !spanish::is_stop_word(it));
        for word in [words.first(), own].into_iter().flatten() {
            self.first_words.insert(spanish::in_full(word).to_owned());
        }
        let mut ids = Vec::new();
        for word in reader::significant(&words) {
            let next = self.words.len();
            // Beyond 65,535 words the rest is found by its letters only.
            let Ok(next) = u16::try_from(next) else { continue };
            ids.push(*self.words.entry(word).or_insert(next));
        }
        self.forms.push(Form {
            municipality,
            kind,
            full,
            bare: bare.into_boxed_slice(),
            sound: heard.into_boxed_slice(),
            words: ids.into_boxed_slice(),
        });
    }

    fn parts(&mut self, municipality: MunicipalityId, name: &str, is_name: bool) {
        let words = reader::significant(&reader::read(name));
        let own = own_words(&words);
        for start in 0..words.len() {
            for end in start + 1..=words.len() {
                if end - start == words.len() || words[start..end].iter().all(|it| spanish::is_generic(it)) {
                    continue;
                }
                let bare = letters(&words[start..end].concat());
                let heard = sound(&bare);
                let kind = if is_name && (start == 0 || start == own) { Kind::Cut } else { Kind::Part };
                self.forms.push(Form {
                    municipality,
                    kind,
                    full: Box::default(),
                    bare: bare.into_boxed_slice(),
                    sound: heard.into_boxed_slice(),
                    words: Box::default(),
                });
            }
        }
    }
}

/// Where a name's own words begin: after a saint (`San Juan Bautista`, `San Pedro y San Pablo`) or
/// a general word (`Villa`), else at its beginning.
fn own_words(words: &[String]) -> usize {
    let mut at = 0;
    while at + 2 < words.len() && spanish::is_saint(&words[at]) {
        at += 2;
        if at + 1 < words.len() && words[at] == "bautista" {
            at += 1;
        }
    }
    if at == 0 && words.len() > 1 && (spanish::is_generic(&words[0]) || words[0] == "santiago") {
        at = 1;
    }
    at
}

impl Forms {
    /// Makes all forms of the municipalities.
    pub fn new(municipalities: &[Municipality], aliases: &[Alias]) -> Self {
        let mut builder = Builder {
            forms: Vec::new(),
            words: HashMap::new(),
            seen: HashSet::new(),
            first_words: HashSet::new(),
        };
        let ids = || (0..=u16::MAX).map(MunicipalityId).zip(municipalities);
        for (id, place) in ids() {
            builder.whole(id, Kind::Name, &place.name);
        }
        for (id, place) in ids() {
            if let Some(short) = &place.short_name {
                builder.whole(id, Kind::Short, short);
            }
        }
        for alias in aliases {
            let kind = if alias.kind == AliasKind::Short { Kind::Short } else { Kind::Alias };
            builder.whole(alias.municipality, kind, &alias.alias);
        }
        for (id, place) in ids() {
            if let Some(town) = &place.head_town {
                builder.whole(id, Kind::HeadTown, town);
            }
            // What stands after a comma is an epithet, and so is what stands in brackets.
            for name in [Some(&place.name), place.head_town.as_ref()].into_iter().flatten() {
                if let Some((before, _)) = name.split_once([',', '(']) {
                    builder.whole(id, Kind::Short, before);
                }
            }
        }
        for (id, place) in ids() {
            builder.parts(id, &place.name, true);
            if let Some(town) = &place.head_town
                && *town != place.name
            {
                builder.parts(id, town, false);
            }
        }
        Self::indexed(builder)
    }

    fn indexed(builder: Builder) -> Self {
        let Builder { forms: all, words: word_ids, first_words, .. } = builder;
        let numbered = || (0_u32..).zip(&all);
        let by_full = Postings::new(
            numbered()
                .filter(|(_, it)| it.kind.is_whole())
                .map(|(number, it)| (hash(it.full.iter().copied()), number))
                .collect(),
        );
        let by_bare =
            Postings::new(numbered().map(|(number, it)| (hash(it.bare.iter().copied()), number)).collect());
        let mut pairs = Vec::with_capacity(all.len() * 40);
        for (number, form) in numbered() {
            deletes(&form.sound, index_depth(form.sound.len(), form.kind), |it| pairs.push((it, number)));
            // A slip may change how its neighbours sound.
            deletes(&form.bare, u8::from(form.bare.len() >= ONE_SLIP_FROM), |it| pairs.push((it, number)));
        }
        let by_sound = Postings::new(pairs);

        let mut texts: Vec<(String, u16)> = word_ids.into_iter().collect();
        texts.sort_by_key(|(_, id)| *id);
        let mut words: Vec<NameWord> = texts
            .into_iter()
            .map(|(word, _)| {
                let spelt = letters(&word);
                NameWord {
                    sound: sound(&spelt).into_boxed_slice(),
                    letters: spelt.into_boxed_slice(),
                    generic: spanish::is_generic(&word),
                    forms: Vec::new(),
                }
            })
            .collect();
        for (number, form) in numbered() {
            for word in &form.words {
                words[usize::from(*word)].forms.push(number);
            }
        }
        let mut pairs = Vec::with_capacity(words.len() * 8);
        for (number, word) in (0_u32..).zip(&words) {
            let depth = u8::from(word.sound.len() >= ONE_SLIP_FROM);
            deletes(&word.sound, depth, |it| pairs.push((it, number)));
            deletes(&word.letters, u8::from(word.letters.len() >= ONE_SLIP_FROM), |it| {
                pairs.push((it, number));
            });
        }
        let words_by_sound = Postings::new(pairs);
        Self { all, words, by_full, by_bare, by_sound, words_by_sound, first_words }
    }

    /// The whole names with exactly these letters, articles and all.
    pub fn with_full<'a>(&'a self, full: &'a [u8]) -> impl Iterator<Item = &'a Form> + 'a {
        self.by_full
            .get(hash(full.iter().copied()))
            .filter_map(|it| self.all.get(it as usize))
            .filter(move |it| &*it.full == full)
    }

    /// The forms with exactly these letters when articles are left out.
    pub fn with_bare<'a>(&'a self, bare: &'a [u8]) -> impl Iterator<Item = &'a Form> + 'a {
        self.by_bare
            .get(hash(bare.iter().copied()))
            .filter_map(|it| self.all.get(it as usize))
            .filter(move |it| &*it.bare == bare)
    }
}
