//! A picture in YUV 4:2:0, filled a strip of rows at a time.

use crate::{
    WebpError,
    import::{Layout, Strip},
};

/// The longest side of planes, which may be shrunk before they are encoded: longer than WebP's own.
const LONGEST_SIDE: u32 = 65_535;

/// A picture as WebP has it: a byte of luma a pixel, two of chroma for four, and alpha if it is used. Rows that were
/// not put yet are zero.
#[derive(Clone, PartialEq, Eq)]
pub struct Planes {
    width: u32,
    height: u32,
    pub(crate) y: Vec<u8>,
    pub(crate) u: Vec<u8>,
    pub(crate) v: Vec<u8>,
    /// Empty as long as every pixel is opaque: most pictures with an alpha channel do not use it.
    pub(crate) alpha: Vec<u8>,
}

impl Planes {
    pub fn new(width: u32, height: u32) -> Result<Self, WebpError> {
        if !(1..=LONGEST_SIDE).contains(&width) || !(1..=LONGEST_SIDE).contains(&height) {
            return Err(WebpError::Size { width, height });
        }
        let (pixels, chroma) = (area(width, height), area(half(width), half(height)));
        Ok(Self { width, height, y: vec![0; pixels], u: vec![0; chroma], v: vec![0; chroma], alpha: Vec::new() })
    }

    pub const fn width(&self) -> u32 {
        self.width
    }

    pub const fn height(&self) -> u32 {
        self.height
    }

    /// A byte a pixel, from 16 (black) to 235 (white), row by row.
    pub fn luma(&self) -> &[u8] {
        &self.y
    }

    /// U and V: a byte each for every square of two by two pixels. The last column and row of odd sides have
    /// their own.
    pub fn chroma(&self) -> [&[u8]; 2] {
        [&self.u, &self.v]
    }

    /// A byte a pixel; none if every pixel is opaque.
    pub fn alpha(&self) -> Option<&[u8]> {
        (!self.alpha.is_empty()).then_some(&*self.alpha)
    }

    /// Whole rows of RGB, as they will be from `row` on. Chroma is of two rows: `row` is even, and so is their number
    /// unless they are the picture's last.
    pub fn put_rgb(&mut self, row: u32, pixels: &[u8]) -> Result<(), WebpError> {
        self.put(row, pixels, Layout::Rgb)
    }

    /// Like `put_rgb`, with a byte of alpha after each pixel's colours.
    pub fn put_rgba(&mut self, row: u32, pixels: &[u8]) -> Result<(), WebpError> {
        self.put(row, pixels, Layout::Rgba)
    }

    fn put(&mut self, row: u32, pixels: &[u8], layout: Layout) -> Result<(), WebpError> {
        let wrong = || WebpError::Rows { row, bytes: pixels.len() };
        let stride = area(self.width, layout.bytes_per_pixel());
        let rows = u32::try_from(pixels.len() / stride).map_err(|_| wrong())?;
        let end = row.checked_add(rows).filter(|end| *end <= self.height).ok_or_else(wrong)?;
        if rows == 0 || !pixels.len().is_multiple_of(stride) || row % 2 == 1 || (rows % 2 == 1 && end != self.height) {
            return Err(wrong());
        }
        let strip = Strip::import(self.width, rows, pixels, layout)?;
        let (width, chroma_width) = (self.width, half(self.width));
        copy(&mut self.y, area(width, row), strip.luma()?);
        let [u, v] = strip.chroma()?;
        copy(&mut self.u, area(chroma_width, row / 2), u);
        copy(&mut self.v, area(chroma_width, row / 2), v);
        match strip.alpha()? {
            Some(alpha) => {
                if self.alpha.is_empty() {
                    self.alpha = vec![u8::MAX; area(width, self.height)];
                }
                copy(&mut self.alpha, area(width, row), alpha);
            }
            None if self.alpha.is_empty() => {}
            None => {
                let from = area(width, row);
                self.alpha.iter_mut().skip(from).take(area(width, rows)).for_each(|alpha| *alpha = u8::MAX);
            }
        }
        Ok(())
    }
}

/// `from` fits: the rows were counted against the picture's height.
fn copy(plane: &mut [u8], at: usize, from: &[u8]) {
    if let Some(to) = plane.get_mut(at..at + from.len()) {
        to.copy_from_slice(from);
    }
}

/// Sides are at most 65,535, so this fits 32 bits.
pub(crate) const fn area(width: u32, height: u32) -> usize {
    width as usize * height as usize
}

/// Chroma has half the pixels, and one more for an odd side.
pub(crate) const fn half(side: u32) -> u32 {
    side.div_ceil(2)
}

impl std::fmt::Debug for Planes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let alpha = if self.alpha.is_empty() { "opaque" } else { "with alpha" };
        write!(f, "Planes({}x{}, {alpha})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests;
