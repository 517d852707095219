//! Charts as pictures, for channels that show them: drawn in memory, from the figures of the answers.
//!
//! [`draw`] computes and touches neither disk nor network; it takes some milliseconds of one processor, so a
//! service calls it on a thread that may block.

mod canvas;
mod draw;

use crate::channels::render::{self, Setting};
use crate::domain::channel::ChannelKind;
use crate::domain::facts::Facts;

pub use crate::domain::chart::{ChartData, ChartSpec, Picture};
pub use canvas::SIDE;

/// Why there is no picture. It names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Another data release is loaded than the one that the words were made from, or it lacks what is asked
    /// for.
    #[error("the loaded figures are not those of the words")]
    Gone,
    /// The embedded font can't be read.
    #[error("the embedded font can't be read")]
    Font,
    /// The drawing failed.
    #[error("the drawing failed")]
    Drawing,
    /// The picture can't be written as PNG.
    #[error("the picture can't be written")]
    Encoding,
}

impl Error {
    /// What the drawing crate says is of no use to anybody who reads it.
    fn drawing<E>(_: E) -> Self {
        Self::Drawing
    }

    /// The stable code, as it is counted.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Font => "font",
            Self::Drawing => "drawing",
            Self::Encoding => "encoding",
        }
    }
}

/// The chart as a PNG of [`SIDE`] by [`SIDE`] pixels, with the words of `locale`.
pub fn draw(spec: &ChartSpec, facts: &Facts, locale: &str) -> Result<Vec<u8>, Error> {
    paint(&data(spec, facts, locale).ok_or(Error::Gone)?)
}

/// What the chart says: every word and figure of the picture.
pub fn data(spec: &ChartSpec, facts: &Facts, locale: &str) -> Option<ChartData> {
    // Nothing in a picture names the service.
    render::chart(spec, Setting { facts, locale, channel: ChannelKind::Telegram, service: "" })
}

/// The picture of these words and figures.
pub fn paint(data: &ChartData) -> Result<Vec<u8>, Error> {
    let mut pixels = vec![u8::MAX; SIDE as usize * SIDE as usize * 3];
    let canvas = canvas::Canvas::new(&mut pixels)?;
    draw::draw(&canvas, data)?;
    drop(canvas);
    encoded(&pixels).ok_or(Error::Encoding)
}

/// The pixels as a PNG with a palette: a chart has few colours, so it costs whoever gets it a third of the bytes,
/// and a third of the time to write.
fn encoded(pixels: &[u8]) -> Option<Vec<u8>> {
    /// No colour of the palette yet.
    const NONE: u16 = u16::MAX;
    let mut palette: Vec<u8> = Vec::new();
    // By four bits of each of red, green and blue: the edges of letters have more shades than an eye sees.
    let mut places = vec![NONE; 1 << 12];
    let mut indices = Vec::with_capacity(pixels.len() / 3);
    for pixel in pixels.chunks_exact(3) {
        let bits = |at: usize| usize::from(pixel[at] >> 4);
        let place = &mut places[bits(0) << 8 | bits(1) << 4 | bits(2)];
        if *place == NONE {
            *place = u16::try_from(palette.len() / 3).ok()?;
            palette.extend_from_slice(pixel);
        }
        indices.push(u8::try_from(*place).ok()?);
    }
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, SIDE, SIDE);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&indices).ok()?;
    writer.finish().ok()?;
    Some(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_of_any_colours_keeps_them_or_is_no_picture() {
        let side = SIDE as usize;
        let mut pixels = vec![255; side * side * 3];
        pixels[3..6].copy_from_slice(&[213, 94, 0]);
        let png = encoded(&pixels).expect("a PNG");
        let picture = image::load_from_memory(&png).expect("a picture").to_rgb8();
        assert_eq!((picture.get_pixel(0, 0).0, picture.get_pixel(1, 0).0), ([255; 3], [213, 94, 0]));
        for (index, pixel) in pixels.chunks_exact_mut(3).enumerate() {
            pixel.copy_from_slice(&[(index >> 8) as u8, (index >> 4) as u8, index as u8]);
        }
        assert_eq!(encoded(&pixels), None);
    }
}
