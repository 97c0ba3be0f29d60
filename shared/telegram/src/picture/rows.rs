//! YUV 4:2:0 to rows of RGB, as libwebp does it for whole pictures: chroma is interpolated between its samples (9, 3, 3, 1
//! parts of the four nearest), and the colours are those of BT.601 with luma from 16 to 235, in 14 bits of fixed point.
//! <https://chromium.googlesource.com/webm/libwebp/+/refs/heads/main/src/dsp/yuv.h>

use toonmill_webp::Planes;

pub(super) struct Rows<'a> {
    planes: &'a Planes,
    next: usize,
    /// Four times each sample of chroma, at this row's height.
    chroma: [Vec<u16>; 2],
    row: Vec<u8>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(planes: &'a Planes) -> Self {
        Self { planes, next: 0, chroma: [Vec::new(), Vec::new()], row: Vec::new() }
    }

    /// RGB, or RGBA if the planes have alpha. None after the last.
    pub(super) fn next_row(&mut self) -> Option<&[u8]> {
        let (at, width) = (self.next, side(self.planes.width()));
        let luma = row(self.planes.luma(), at, width)?;
        self.next += 1;
        let chroma_width = width.div_ceil(2);
        for (plane, mixed) in self.planes.chroma().into_iter().zip(&mut self.chroma) {
            let near = row(plane, at / 2, chroma_width)?;
            // An even row lies a quarter above its sample's middle, an odd one below.
            let far = if at % 2 == 0 { (at / 2).checked_sub(1) } else { Some(at / 2 + 1) };
            let far = far.and_then(|far| row(plane, far, chroma_width)).unwrap_or(near);
            mixed.clear();
            mixed.extend(near.iter().zip(far).map(|(near, far)| u16::from(*near) * 3 + u16::from(*far)));
        }
        self.row.clear();
        let [u, v] = &self.chroma;
        let alpha = self.planes.alpha().and_then(|alpha| row(alpha, at, width));
        for (x, luma) in luma.iter().enumerate() {
            self.row.extend(rgb(*luma, across(u, x), across(v, x)));
            if let Some(alpha) = alpha {
                self.row.push(alpha.get(x).copied().unwrap_or(u8::MAX));
            }
        }
        Some(&self.row)
    }
}

fn row(plane: &[u8], at: usize, width: usize) -> Option<&[u8]> {
    plane.get(at.checked_mul(width)?..)?.get(..width)
}

/// Chroma at a pixel, from samples that are four times as large.
fn across(mixed: &[u16], x: usize) -> i32 {
    let near = mixed.get(x / 2).copied().unwrap_or_default();
    let far = if x.is_multiple_of(2) { (x / 2).checked_sub(1) } else { Some(x / 2 + 1) };
    let far = far.and_then(|far| mixed.get(far)).copied().unwrap_or(near);
    (i32::from(near) * 3 + i32::from(far) + 8) >> 4
}

fn rgb(y: u8, u: i32, v: i32) -> [u8; 3] {
    let times = |value: i32, factor: i32| (value * factor) >> 8;
    let y = times(i32::from(y), 19_077);
    [y + times(v, 26_149) - 14_234, y - times(u, 6_419) - times(v, 13_320) + 8_708, y + times(u, 33_050) - 17_685]
        .map(|colour| u8::try_from((colour >> 6).clamp(0, 255)).unwrap_or_default())
}

/// Sides are at most 16,383.
fn side(side: u32) -> usize {
    usize::try_from(side).unwrap_or_default()
}
