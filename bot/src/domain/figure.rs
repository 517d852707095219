//! A published figure as an exact decimal.

use std::cmp::Ordering;
use std::fmt;

/// A figure as its publisher printed it: `mantissa` x 10^-`scale`.
///
/// Ranks, ties and medians are taken on these decimals, never on binary fractions, so that a
/// citizen with the official table in hand finds the same place.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    mantissa: i64,
    scale: u8,
}

/// The most decimals a figure may carry.
pub const MAX_SCALE: u8 = 9;

impl Figure {
    /// Makes a figure of `mantissa` x 10^-`scale`; decimals beyond nine are rounded away.
    pub fn new(mantissa: i64, scale: u8) -> Self {
        let figure = Self { mantissa, scale };
        if scale > MAX_SCALE { figure.round(MAX_SCALE) } else { figure }
    }

    /// Reads a plain decimal (`-12.50`, `7`), without grouping or exponent.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || (digits.contains('.') && fraction.is_empty())
            || !all_digits(whole)
            || !all_digits(fraction)
            || whole.len() > 12
            || fraction.len() > MAX_SCALE as usize
        {
            return None;
        }
        let value: i64 = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { mantissa: if negative { -value } else { value }, scale: fraction.len() as u8 })
    }

    /// The digits without the decimal point.
    pub fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// The number of decimals.
    pub fn scale(self) -> u8 {
        self.scale
    }

    /// The figure with `scale` decimals, rounded half away from zero (half up for what we show).
    #[must_use]
    pub fn round(self, scale: u8) -> Self {
        if scale >= self.scale {
            let factor = 10_i64.pow(u32::from(scale - self.scale));
            return Self { mantissa: self.mantissa.saturating_mul(factor), scale };
        }
        let factor = 10_i64.pow(u32::from((self.scale - scale).min(18)));
        let half = factor / 2;
        let mantissa = if self.mantissa >= 0 {
            (self.mantissa + half) / factor
        } else {
            (self.mantissa - half) / factor
        };
        Self { mantissa, scale }
    }

    /// The figure without trailing zero decimals.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let mut figure = self;
        while figure.scale > 0 && figure.mantissa % 10 == 0 {
            figure.mantissa /= 10;
            figure.scale -= 1;
        }
        figure
    }

    /// `self - other`, exact.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let scale = self.scale.max(other.scale);
        Self { mantissa: self.round(scale).mantissa - other.round(scale).mantissa, scale }
    }

    /// The mean of two figures, exact.
    #[must_use]
    pub fn mean(self, other: Self) -> Self {
        let scale = self.scale.max(other.scale);
        let sum = self.round(scale).mantissa + other.round(scale).mantissa;
        if sum % 2 == 0 {
            Self { mantissa: sum / 2, scale }
        } else {
            Self { mantissa: sum * 5, scale: scale + 1 }
        }
    }

    /// The size without the sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self { mantissa: self.mantissa.abs(), scale: self.scale }
    }

    /// The nearest binary fraction, for distances and charts only.
    pub fn to_f64(self) -> f64 {
        self.mantissa as f64 / 10_f64.powi(i32::from(self.scale))
    }
}

impl PartialEq for Figure {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Figure {}

impl PartialOrd for Figure {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Figure {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.round(scale).mantissa.cmp(&other.round(scale).mantissa)
    }
}

/// Prints the decimal as published (`71.8`, `-0.25`); grouping is the message catalogue's business.
impl fmt::Display for Figure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs();
        if self.scale == 0 {
            return write!(out, "{sign}{digits}");
        }
        let unit = 10_u64.pow(u32::from(self.scale));
        write!(out, "{sign}{}.{:0width$}", digits / unit, digits % unit, width = self.scale as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(text: &str) -> Figure {
        Figure::parse(text).expect("a plain decimal")
    }

    #[test]
    fn reads_and_prints_what_was_published() {
        for text in ["0", "71.8", "-1.55007", "100.0", "0.05", "126014024"] {
            assert_eq!(figure(text).to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_not_a_plain_decimal() {
        for text in ["", "-", ".5", "5.", "1,000", "1e3", "n.d", "NaN", "1.2.3", "--1", "1234567890123"] {
            assert!(Figure::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn rounds_half_up_in_decimal() {
        assert_eq!(figure("31.25").round(1).to_string(), "31.3");
        assert_eq!(figure("2.675").round(2).to_string(), "2.68");
        assert_eq!(figure("-0.25").round(1).to_string(), "-0.3");
        assert_eq!(figure("7").round(1).to_string(), "7.0");
    }

    #[test]
    fn equal_values_of_different_scale_are_equal() {
        assert_eq!(figure("7.0"), figure("7"));
        assert!(figure("7.01") > figure("7"));
    }

    #[test]
    fn the_mean_of_two_figures_may_gain_a_decimal() {
        assert_eq!(figure("31.2").mean(figure("31.3")).to_string(), "31.25");
        assert_eq!(figure("30").mean(figure("31.0")).to_string(), "30.5");
    }
}
