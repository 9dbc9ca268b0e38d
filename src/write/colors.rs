//! The colors of maps: in order of lightness, so that they read in gray too, and told apart by color-blind readers.

/// A color: red, green, blue.
pub(super) type Color = [u8; 3];

/// Of bands, the lowest first.
pub(super) const BANDS: [Color; 6] = [
    [0xff, 0xff, 0xff],
    [0xfd, 0xec, 0xcb],
    [0xf9, 0xcf, 0x8f],
    [0xec, 0x9a, 0x52],
    [0xc0, 0x5f, 0x2c],
    [0x74, 0x25, 0x17],
];

/// Of a band that is not known.
pub(super) const UNKNOWN: Color = [0xd5, 0xd5, 0xd5];

/// Of tiers of sites, the gravest first.
pub(super) const TIERS: [Color; 4] =
    [[0x08, 0x30, 0x6b], [0x2b, 0x6c, 0xb0], [0x7f, 0xb2, 0xdc], [0xd6, 0xe6, 0xf4]];

/// As web pages write it.
pub(super) fn hex([r, g, b]: Color) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, about.
    fn light([r, g, b]: Color) -> f64 {
        0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
    }

    #[test]
    fn each_color_is_told_from_the_next_by_its_lightness() {
        assert!(BANDS.windows(2).all(|pair| light(pair[0]) - light(pair[1]) > 15.0));
        assert!(TIERS.windows(2).all(|pair| light(pair[1]) - light(pair[0]) > 15.0));
    }

    #[test]
    fn the_page_has_the_same() {
        let page = include_str!("report/page.css");
        for color in BANDS.into_iter().chain(TIERS).chain([UNKNOWN]) {
            assert!(page.contains(&hex(color)), "{}", hex(color));
        }
    }
}
