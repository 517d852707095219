//! Photos and voices, freed of what they say beside the picture or the sound.
//!
//! A picture is decoded and encoded anew, so that nothing else of the file is left: no EXIF with the
//! place and the device, no XMP, no comment, no colour profile, no bytes behind its end. A voice is
//! an Ogg stream of Opus (RFC 7845): its packets are written again behind an empty comment header.

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use ogg::{PacketReader, PacketWriteEndInfo, PacketWriter};
use sha2::{Digest as _, Sha256};

/// The longest side of a picture, in pixels.
const LONGEST_SIDE: u32 = 12_000;
/// The most memory that decoding a picture may take, in bytes.
const MOST_MEMORY: u64 = 160 * 1024 * 1024;
/// Quality of the JPEG that is kept.
const QUALITY: u8 = 85;
/// Samples in a second of Opus, whatever the device recorded.
const SAMPLES: u64 = 48_000;

/// A file as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// Its type.
    pub mime: &'static str,
    /// Hash of its bytes.
    pub sha256: Vec<u8>,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for Cleaned {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Cleaned {{ {}, {} bytes }}", self.mime, self.content.len())
    }
}

fn cleaned(mime: &'static str, content: Vec<u8>) -> Cleaned {
    Cleaned { mime, sha256: Sha256::digest(&content).to_vec(), content }
}

/// A JPEG of the picture and of nothing else. Its type is what its bytes say.
///
/// # Errors
/// The code of why it can't be kept: `type`, `dimensions`, `damaged`.
pub fn clean_photo(bytes: &[u8]) -> Result<Cleaned, &'static str> {
    let Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) = image::guess_format(bytes)
    else {
        return Err("type");
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let refused = |problem: image::ImageError| match problem {
        image::ImageError::Limits(_) => "dimensions",
        _ => "damaged",
    };
    let mut decoder = reader.into_decoder().map_err(refused)?;
    if decoder.total_bytes() > MOST_MEMORY {
        return Err("dimensions");
    }
    // The camera's side up is a part of the picture, and goes with the EXIF.
    let orientation = decoder.orientation().map_err(refused)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    let mut content = Vec::new();
    picture
        .to_rgb8()
        .write_with_encoder(JpegEncoder::new_with_quality(&mut content, QUALITY))
        .map_err(refused)?;
    Ok(cleaned("image/jpeg", content))
}

/// The voice with an empty comment header and nothing around it.
///
/// # Errors
/// The code of why it can't be kept: `type`, `too_long`, `damaged`.
pub fn clean_voice(bytes: &[u8], most_seconds: u32) -> Result<Cleaned, &'static str> {
    let mut reader = PacketReader::new(Cursor::new(bytes));
    let mut content = Vec::new();
    let mut writer = PacketWriter::new(&mut content);
    let mut serial = None;
    let mut number = 0_u64;
    let mut samples = 0;
    let mut ended = false;
    while !ended {
        let Some(packet) = reader.read_packet().map_err(|_| if number == 0 { "type" } else { "damaged" })?
        else {
            break;
        };
        if *serial.get_or_insert(packet.stream_serial()) != packet.stream_serial() {
            return Err("damaged");
        }
        let data: Cow<'_, [u8]> = match number {
            0 if packet.data.starts_with(b"OpusHead") => Cow::Borrowed(&packet.data),
            0 => return Err("type"),
            // No vendor, no comments.
            1 if packet.data.starts_with(b"OpusTags") => {
                Cow::Borrowed(b"OpusTags\0\0\0\0\0\0\0\0".as_slice())
            }
            1 => return Err("damaged"),
            _ => Cow::Borrowed(&packet.data),
        };
        ended = packet.last_in_stream();
        let end = match (ended, number < 2 || packet.last_in_page()) {
            (true, _) => PacketWriteEndInfo::EndStream,
            (false, true) => PacketWriteEndInfo::EndPage,
            (false, false) => PacketWriteEndInfo::NormalPacket,
        };
        samples = packet.absgp_page();
        writer
            .write_packet(data.into_owned(), packet.stream_serial(), end, packet.absgp_page())
            .map_err(|_| "damaged")?;
        number += 1;
    }
    if number < 3 {
        return Err(if number == 0 { "type" } else { "damaged" });
    }
    if samples / SAMPLES > u64::from(most_seconds) {
        return Err("too_long");
    }
    drop(writer);
    Ok(cleaned("audio/ogg", content))
}
