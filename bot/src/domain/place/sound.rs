//! How a name sounds, and how far one writing is from another.

/// Stands for a letter that was lost on the way (`Mu?oz`).
pub const LOST: u8 = b'*';

/// Longest writing that is compared letter by letter.
pub const LONGEST: usize = 80;

/// Letters and digits of folded text as bytes; a letter beyond ASCII keeps some of its identity.
pub fn letters(text: &str) -> Vec<u8> {
    text.chars()
        .filter(|it| *it != ' ')
        .map(|it| match it {
            '\u{259}' => LOST,
            _ if it.is_ascii() => it as u8,
            _ => 0x80 | (it as u32 % 128) as u8,
        })
        .collect()
}

/// What is left of a writing when Spanish spellings of one sound are the same: silent `h` goes,
/// `b`/`v`, `s`/`z`/soft `c`/`tz`, `k`/`qu`/hard `c`, `j`/soft `g`, `ll`/`y`/`i`, `hu`/`gu`/`w` before
/// a vowel, `m`/`n` before `p` and `b` fall together, and doubled letters become one.
pub fn sound(text: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let at = |index: usize| text.get(index).copied().unwrap_or(0);
    let is_vowel = |it: u8| matches!(it, b'a' | b'e' | b'i' | b'o' | b'u');
    let is_soft = |it: u8| matches!(it, b'e' | b'i');
    let mut index = 0;
    while index < text.len() {
        let (this, next) = (text[index], at(index + 1));
        let mut width = 1;
        let heard = match this {
            b'c' if next == b'h' => {
                width = 2;
                Some(b'C')
            }
            b's' if next == b'h' => {
                width = 2;
                Some(b'x')
            }
            b'h' if next == b'u' && matches!(at(index + 2), b'a' | b'e' | b'i' | b'o') => {
                width = 2;
                Some(b'w')
            }
            b'g' if next == b'u' && matches!(at(index + 2), b'a' | b'o') => {
                width = 2;
                Some(b'w')
            }
            b'g' if next == b'u' && is_soft(at(index + 2)) => {
                width = 2;
                Some(b'g')
            }
            b'h' => None,
            b'v' => Some(b'b'),
            b't' if matches!(next, b'z' | b's') => {
                width = 2;
                Some(b's')
            }
            b'z' => Some(b's'),
            b'c' if is_soft(next) => Some(b's'),
            b'c' => Some(b'k'),
            b'q' => {
                width = if next == b'u' { 2 } else { 1 };
                Some(b'k')
            }
            b'g' if is_soft(next) => Some(b'j'),
            b'l' if next == b'l' => {
                width = 2;
                Some(b'i')
            }
            b'y' => Some(b'i'),
            b'u' if index == 0 && is_vowel(next) => Some(b'w'),
            b'm' if matches!(next, b'p' | b'b' | b'v') => Some(b'n'),
            other => Some(other),
        };
        if let Some(heard) = heard
            && (out.last() != Some(&heard) || heard.is_ascii_digit())
        {
            out.push(heard);
        }
        index += width;
    }
    out
}

/// Price of hearing one sound for another; 1 for sounds that have nothing in common.
fn swap(a: u8, b: u8) -> f32 {
    if a == b {
        return 0.0;
    }
    match (a.min(b), a.max(b)) {
        (LOST, _) => 0.1,
        (b's' | b'j', b'x') => 0.25,
        (b'g' | b'u', b'w') => 0.3,
        (b'C', b'x') | (b'm', b'n') | (b'o', b'u') => 0.4,
        (b'e', b'i') | (b'g', b'j' | b'k') | (b'o', b'w') => 0.5,
        (b'b', b'p' | b'w') | (b'd', b't') | (b'C' | b'k', b's') => 0.6,
        (b'l', b'r') => 0.7,
        _ => 0.95,
    }
}

/// Price of a sound too many or too few.
fn gap(it: u8) -> f32 {
    match it {
        LOST => 0.1,
        b'a' | b'e' | b'i' | b'o' | b'u' => 0.8,
        _ => 0.9,
    }
}

/// Weighted distance of two sounds with neighbours that may change places (optimal string
/// alignment), or `None` beyond `limit` or for writings longer than [`LONGEST`].
pub fn distance(left: &[u8], right: &[u8], limit: f32) -> Option<f32> {
    if left.len() > LONGEST || right.len() > LONGEST {
        return None;
    }
    // What is the same at both ends costs nothing and need not be aligned.
    let same = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[same..], &right[same..]);
    let same = left.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[..left.len() - same], &right[..right.len() - same]);
    if left.len().abs_diff(right.len()) as f32 * 0.8 > limit + 0.8 {
        return None;
    }
    let mut rows = [[0.0_f32; LONGEST + 1]; 3];
    for (column, letter) in right.iter().enumerate() {
        rows[0][column + 1] = rows[0][column] + gap(*letter);
    }
    let mut current = 0;
    for (row, letter) in left.iter().enumerate() {
        let (above, before) = (current, (current + 2) % 3);
        current = (current + 1) % 3;
        rows[current][0] = rows[above][0] + gap(*letter);
        let mut best = rows[current][0];
        for (column, other) in right.iter().enumerate() {
            let mut price = (rows[above][column] + swap(*letter, *other))
                .min(rows[above][column + 1] + gap(*letter))
                .min(rows[current][column] + gap(*other));
            if row > 0
                && column > 0
                && *letter == right[column - 1]
                && left[row - 1] == *other
                && letter != other
            {
                price = price.min(rows[before][column - 1] + 0.8);
            }
            rows[current][column + 1] = price;
            best = best.min(price);
        }
        if best > limit + 0.8 {
            return None;
        }
    }
    let price = rows[current][right.len()];
    (price <= limit).then_some(price)
}

/// Plain number of changed, lost or added letters, up to `LONGEST` letters.
pub fn slips(left: &[u8], right: &[u8]) -> u8 {
    let (left, right) = (&left[..left.len().min(LONGEST)], &right[..right.len().min(LONGEST)]);
    let mut row = [0_u8; LONGEST + 1];
    for (column, cell) in row.iter_mut().enumerate() {
        *cell = column as u8;
    }
    for letter in left {
        let mut diagonal = row[0];
        row[0] = row[0].saturating_add(1);
        for (column, other) in right.iter().enumerate() {
            let price = u8::from(letter != other && *letter != LOST);
            let next = (diagonal + price).min(row[column] + 1).min(row[column + 1] + 1);
            diagonal = row[column + 1];
            row[column + 1] = next;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str) -> Vec<u8> {
        sound(&letters(text))
    }

    #[test]
    fn spellings_of_one_sound_fall_together() {
        for (a, b) in [
            ("vallarta", "bayarta"),
            ("zapopan", "sapopan"),
            ("queretaro", "keretaro"),
            ("huautla", "guautla"),
            ("hermosillo", "ermosiyo"),
            ("monterrey", "monterey"),
            ("gigante", "jigante"),
            ("campeche", "canpeche"),
        ] {
            assert_eq!(heard(a), heard(b), "{a} and {b}");
        }
        assert_ne!(heard("tlapa"), heard("talpa"));
    }

    #[test]
    fn distance_is_small_for_likely_slips() {
        let far = |a: &str, b: &str| distance(&heard(a), &heard(b), 5.0).unwrap_or(9.0);
        assert!(far("xalapa", "jalapa") < 0.3);
        assert!(far("tlpa", "tlapa") < 1.0);
        assert!(far("mu\u{259}oz", "munoz") < 0.2);
        assert!(far("oaxaca", "guajaca") < 1.8);
        assert!(far("tlapa", "monterrey") > 4.0);
        assert_eq!(distance(b"abc", b"xyzuvw", 1.0), None);
        assert_eq!(slips(b"comida", b"comda"), 1);
        assert_eq!(slips(b"", b"abc"), 3);
    }
}
