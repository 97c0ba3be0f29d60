//! How a picture is to be looked at, where a note in its file says so.

use crate::{Format, exif};

/// From the pixels as they lie to the picture as it is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orientation {
    /// Rows become columns.
    swap: bool,
    /// Columns, or rows, of the pixels as they lie are read backwards.
    mirror_x: bool,
    mirror_y: bool,
}

impl Orientation {
    pub(crate) const UPRIGHT: Self = Self::new(false, false, false);

    const fn new(swap: bool, mirror_x: bool, mirror_y: bool) -> Self {
        Self { swap, mirror_x, mirror_y }
    }

    /// What the file's EXIF says. Without an orientation in it the picture is upright.
    pub(crate) fn of(bytes: &[u8], format: Format) -> Self {
        // EXIF 2.32, table 6: where row 0 and column 0 of the pixels are to be seen.
        match exif::orientation(bytes, format) {
            Some(2) => Self::new(false, true, false),
            Some(3) => Self::new(false, true, true),
            Some(4) => Self::new(false, false, true),
            Some(5) => Self::new(true, false, false),
            Some(6) => Self::new(true, false, true),
            Some(7) => Self::new(true, true, true),
            Some(8) => Self::new(true, true, false),
            _ => Self::UPRIGHT,
        }
    }

    /// The sides of what is seen.
    pub(crate) const fn turned(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.swap { (height, width) } else { (width, height) }
    }

    /// A plane of a byte a pixel, as it is to be seen.
    #[expect(clippy::needless_pass_by_value, reason = "the plane is gone once it is turned")]
    pub(crate) fn turn(self, plane: Vec<u8>, (width, height): (u32, u32)) -> Vec<u8> {
        let (width, height) = (width as usize, height as usize);
        let back = |at: usize, side: usize, is_back: bool| if is_back { side - 1 - at } else { at };
        let (columns, rows) = if self.swap { (height, width) } else { (width, height) };
        let mut turned = Vec::with_capacity(plane.len());
        for row in 0..rows {
            turned.extend((0..columns).map(|column| {
                let (x, y) = if self.swap { (row, column) } else { (column, row) };
                let at = back(y, height, self.mirror_y) * width + back(x, width, self.mirror_x);
                // Every place is one of the plane: its length is width times height.
                plane.get(at).copied().unwrap_or_default()
            }));
        }
        turned
    }
}
