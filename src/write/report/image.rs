//! People around areas as a light image: blocks of 30″ in six classes.

use super::frame::{Frame, latitude, ordinate};
use crate::model::PictureBlock;
use crate::write::colors::Color;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io;

/// People in a block from which a class begins, and its color.
pub(super) const CLASSES: [(f64, Color); 6] = [
    (10.0, [0xd9, 0xdf, 0xd3]),
    (50.0, [0xb9, 0xc9, 0xb4]),
    (200.0, [0x93, 0xae, 0x94]),
    (1_000.0, [0x6b, 0x8f, 0x75]),
    (3_000.0, [0x45, 0x6e, 0x5a]),
    (10_000.0, [0x21, 0x4b, 0x40]),
];

/// Most dots on a side.
const MOST: f64 = 1600.0;
/// Dots for a block of 30″.
const DOTS: f64 = 4.0 * 120.0;

/// An image of people, and the bounds that it fills.
pub(super) struct Image {
    /// As `data:` address.
    pub(super) address: String,
    /// West, south, east, north in degrees.
    pub(super) bounds: [f64; 4],
}

/// Draws blocks in a frame.
///
/// # Errors
///
/// What the writer of images returns.
pub(super) fn image(blocks: &[PictureBlock], frame: &Frame) -> io::Result<Option<Image>> {
    let corners = blocks.iter().flat_map(|block| block.corners);
    let [mut west, mut south] = [f64::INFINITY; 2];
    let [mut east, mut north] = [f64::NEG_INFINITY; 2];
    for [x, y] in corners {
        (west, east) = (west.min(x), east.max(x));
        (south, north) = (south.min(y), north.max(y));
    }
    let shown = frame.bounds;
    (west, south) = (west.max(shown[0]), south.max(shown[1]));
    (east, north) = (east.min(shown[2]), north.min(shown[3]));
    if west >= east || south >= north {
        return Ok(None);
    }
    let (top, high) = (ordinate(north), ordinate(north) - ordinate(south));
    let scale = DOTS.min(MOST / (east - west)).min(MOST / high);
    let size = [(east - west) * scale, high * scale].map(|side| side.ceil().max(1.0) as usize);
    let mut dots = vec![0_u8; size[0] * size[1]];
    for block in blocks {
        let class = CLASSES.iter().take_while(|(from, _)| block.people >= *from).count();
        let x = block.corners.map(|at| (at[0] - west) * scale);
        let y = block.corners.map(|at| (top - ordinate(at[1])) * scale);
        let [cols, rows] = [(x, size[0]), (y, size[1])].map(|(ends, size)| span(ends, size));
        for row in rows {
            dots[row * size[0] + cols.start..row * size[0] + cols.end].fill(class as u8);
        }
    }
    let bounds =
        [west, latitude(top - size[1] as f64 / scale), west + size[0] as f64 / scale, north];
    let address = format!("data:image/png;base64,{}", STANDARD.encode(png_of(&dots, size)?));
    Ok(Some(Image { address, bounds }))
}

/// The dots whose middles lie between some ends.
fn span(ends: [f64; 4], size: usize) -> std::ops::Range<usize> {
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let dot = |at: f64| (at - 0.5).ceil().clamp(0.0, size as f64) as usize;
    dot(low)..dot(high).max(dot(low))
}

fn png_of(dots: &[u8], [width, height]: [usize; 2]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let size = |side: usize| u32::try_from(side).map_err(io::Error::other);
    let mut encoder = png::Encoder::new(&mut bytes, size(width)?, size(height)?);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    // The first is nobody, and is not seen.
    let colors = CLASSES.iter().flat_map(|(_, color)| *color);
    encoder.set_palette([0, 0, 0].into_iter().chain(colors).collect::<Vec<u8>>());
    encoder.set_trns(vec![0]);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(dots)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_takes_its_own_dots() {
        let block = |west: f64, people| PictureBlock {
            corners: [[west, 50.0], [west + 0.01, 50.0], [west + 0.01, 49.99], [west, 49.99]],
            people,
        };
        let frame = Frame::around([10.0, 49.9, 10.1, 50.1], -180.0);
        let image = image(&[block(10.0, 10.0), block(10.05, 20_000.0)], &frame).unwrap().unwrap();
        let bytes = STANDARD.decode(image.address.split_once(',').unwrap().1).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(bytes)).read_info().unwrap();
        let mut dots = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut dots).unwrap();
        let width = info.width as usize;
        let row = &dots[..width];
        let count = |class: u8| row.split(|dot| *dot != class).map(<[u8]>::len).sum::<usize>();
        assert_eq!([count(1), count(6)], [5, 5], "0.01 degrees are 4.8 dots wide");
        assert_eq!(row[0], 1);
        assert!(row[width / 2] == 0, "between them there is nobody");
    }

    #[test]
    fn nothing_to_see_is_no_image() {
        assert!(image(&[], &Frame::around([0.0, 0.0, 1.0, 1.0], -180.0)).unwrap().is_none());
    }
}
