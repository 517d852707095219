//! The sheet that charts are drawn on: size, colours, the embedded font, and texts that fit.

use std::sync::LazyLock;

use plotters::coord::Shift;
use plotters::prelude::{BitMapBackend, DrawingArea, IntoDrawingArea as _, Rectangle, Text};
use plotters::style::{Color as _, FontStyle, IntoFont as _, RGBColor, ShapeStyle, TextStyle, register_font};
use unicode_segmentation::UnicodeSegmentation as _;

use super::Error;

/// Width and height of a picture, in pixels: what a chat shows without making it smaller.
pub const SIDE: u32 = 1_080;
/// Blank on each side.
pub(super) const MARGIN: i32 = 44;
/// Right end of what is drawn.
pub(super) const RIGHT: i32 = SIDE as i32 - MARGIN;

/// Text. The colours are those of Okabe and Ito, which people with any kind of colour vision tell
/// apart; nothing is said by colour alone.
pub(super) const INK: RGBColor = RGBColor(24, 24, 24);
/// The municipality that the chart is about.
pub(super) const OWN: RGBColor = RGBColor(213, 94, 0);
/// The others.
pub(super) const OTHERS: RGBColor = RGBColor(86, 180, 233);
/// What is well.
pub(super) const WELL: RGBColor = RGBColor(0, 114, 178);
/// What is blank in a bar, and lines behind the drawing.
pub(super) const PALE: RGBColor = RGBColor(216, 216, 216);

/// Size of the smallest text, in pixels of its em.
pub(super) const SMALL: f64 = 40.0;
/// Size of what is read first.
pub(super) const LARGE: f64 = 54.0;

const FAMILY: &str = "cabildo";
static REGULAR: &[u8] = include_bytes!("../../assets/fonts/B612-Regular.otf");
static BOLD: &[u8] = include_bytes!("../../assets/fonts/B612-Bold.otf");
/// Height of the font's line, in its em: the crate asks for sizes as heights of a line.
const LINE: f64 = 1.24;

/// Whether the embedded font could be read; the crate keeps fonts for the whole process.
static FONT: LazyLock<bool> = LazyLock::new(|| {
    register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
        && register_font(FAMILY, FontStyle::Bold, BOLD).is_ok()
});

/// A way to write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Face {
    /// Pixels of the em.
    pub size: f64,
    /// Whether it is bold.
    pub bold: bool,
    /// Colour.
    pub colour: RGBColor,
}

impl Face {
    /// Plain text.
    pub const SMALL: Self = Self { size: SMALL, bold: false, colour: INK };
    /// The same in bold.
    pub const STRONG: Self = Self { size: SMALL, bold: true, colour: INK };
    /// The title.
    pub const TITLE: Self = Self { size: LARGE, bold: true, colour: INK };

    /// From one line to the next, in pixels.
    pub fn line(self) -> i32 {
        (self.size * 1.22) as i32
    }

    fn style(&self) -> TextStyle<'_> {
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        TextStyle::from((FAMILY, self.size * LINE, style).into_font()).color(&self.colour)
    }
}

/// Where a text stands from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// It begins there.
    Right,
    /// It ends there.
    Left,
}

/// An area of the sheet, in pixels.
pub(super) type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// The sheet.
pub(super) struct Canvas<'a> {
    /// All of it.
    pub area: Area<'a>,
}

impl<'a> Canvas<'a> {
    /// A blank sheet on these pixels, three bytes each.
    pub fn new(pixels: &'a mut [u8]) -> Result<Self, Error> {
        if !*FONT {
            return Err(Error::Font);
        }
        let area = BitMapBackend::with_buffer(pixels, (SIDE, SIDE)).into_drawing_area();
        Ok(Self { area })
    }

    /// Width of a text, in pixels.
    pub fn width(&self, text: &str, face: Face) -> Result<i32, Error> {
        let (width, _) = self.area.estimate_text_size(text, &face.style()).map_err(Error::drawing)?;
        Ok(width as i32)
    }

    /// Writes a text whose letters stand on this height.
    pub fn write(&self, text: &str, (x, foot): (i32, i32), side: Side, face: Face) -> Result<(), Error> {
        let x = match side {
            Side::Right => x,
            Side::Left => x - self.width(text, face)?,
        };
        // The crate stands letters half their size below the point.
        let top = foot - (face.size * LINE / 2.0) as i32;
        self.area.draw(&Text::new(text, (x, top), face.style())).map_err(Error::drawing)
    }

    /// The text, or as much of it as fits, with an ellipsis.
    pub fn fitted(&self, text: &str, face: Face, width: i32) -> Result<String, Error> {
        if self.width(text, face)? <= width {
            return Ok(text.to_owned());
        }
        let letters: Vec<&str> = text.graphemes(true).collect();
        let (mut fits, mut not) = (0, letters.len());
        let cut = |count: usize| format!("{}…", letters[..count].concat().trim_end_matches([' ', ',']));
        while not - fits > 1 {
            let middle = usize::midpoint(fits, not);
            if self.width(&cut(middle), face)? <= width { fits = middle } else { not = middle }
        }
        Ok(cut(fits))
    }

    /// The text in at most `most` lines, broken between words; what is too much ends in an ellipsis.
    pub fn lines(&self, text: &str, face: Face, width: i32, most: usize) -> Result<Vec<String>, Error> {
        let mut words = text.split_whitespace().peekable();
        let mut lines: Vec<String> = Vec::new();
        while let Some(first) = words.next() {
            let mut line = first.to_owned();
            let last = lines.len() + 1 == most;
            while let Some(word) = words.peek() {
                let longer = format!("{line} {word}");
                if !last && self.width(&longer, face)? > width {
                    break;
                }
                line = longer;
                words.next();
            }
            lines.push(self.fitted(&line, face, width)?);
            if last {
                break;
            }
        }
        Ok(lines)
    }

    /// Fills a rectangle.
    pub fn fill(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), Error> {
        self.area.draw(&Rectangle::new([from, to], colour.filled())).map_err(Error::drawing)
    }

    /// A line of dashes from the top down.
    pub fn dashes(&self, x: i32, (from, to): (i32, i32), dash: i32, style: ShapeStyle) -> Result<(), Error> {
        let half = (style.stroke_width as i32 / 2).max(1);
        let mut top = from;
        while top < to {
            let rectangle = [(x - half, top), (x + half, (top + dash).min(to))];
            self.area.draw(&Rectangle::new(rectangle, style.color.filled())).map_err(Error::drawing)?;
            top += dash * 2;
        }
        Ok(())
    }
}
