//! From the colours that a picture's profile means to sRGB, which is what everything that is stored or prepared is in.
//!
//! A picture without a profile is sRGB already, and so is one whose profile changes nothing that can be seen: they cost
//! nothing. A profile that is broken, or that is for other pixels than the picture's, is none.

mod profile;

use std::{fmt, sync::Arc};

use moxcms::{ColorProfile, DataColorSpace, Layout as Channels, Transform8BitExecutor, TransformOptions};

use crate::{Format, decode::Layout};

/// How far a profile may move a colour and still be sRGB, in grey levels: rounded curves differ by one.
const SAME: u8 = 2;
/// The levels of a channel of which the tried colours are made.
const TRIED: [u8; 6] = [0, 51, 102, 153, 204, 255];

/// How to get from a picture's colours to sRGB.
pub(crate) enum Colours {
    Rgb {
        opaque: Arc<Transform8BitExecutor>,
        with_alpha: Arc<Transform8BitExecutor>,
    },
    /// For each level.
    Grey(Box<[[u8; 3]; 256]>),
    Inks(Arc<Transform8BitExecutor>),
}

impl Colours {
    /// Of a picture of such pixels; none if its numbers mean sRGB as they are.
    pub(crate) fn of(bytes: &[u8], format: Format, layout: Layout) -> Option<Self> {
        let profile = profile::of(bytes, format, matches!(layout, Layout::Grey | Layout::GreyAlpha))?;
        let to = |from: Channels, to: Channels| {
            profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default()).ok()
        };
        match (layout, profile.color_space) {
            (Layout::Rgb | Layout::Rgba, DataColorSpace::Rgb) => {
                let opaque = to(Channels::Rgb, Channels::Rgb)?;
                let (from, to_srgb) = converted(&*opaque, &colours(), 3)?;
                if is_same(&from, &to_srgb) {
                    return None;
                }
                Some(Self::Rgb { opaque, with_alpha: to(Channels::Rgba, Channels::Rgba)? })
            }
            (Layout::Grey | Layout::GreyAlpha, DataColorSpace::Gray) => {
                let levels: Vec<u8> = (0..=u8::MAX).collect();
                let (_, shown) = converted(&*to(Channels::Gray, Channels::Rgb)?, &levels, 1)?;
                let as_they_are: Vec<u8> = levels.iter().flat_map(|level| [*level; 3]).collect();
                let table = shown.as_chunks::<3>().0.try_into().ok()?;
                (!is_same(&as_they_are, &shown)).then(|| Self::Grey(Box::new(table)))
            }
            // Four channels without alpha are inks to the library.
            (Layout::Cmyk, DataColorSpace::Cmyk) => to(Channels::Rgba, Channels::Rgb).map(Self::Inks),
            _ => None,
        }
    }

    /// Puts rows of pixels into `to` as RGB, or as RGBA if they have alpha. False, and nothing done, if the pixels are of
    /// another kind than these colours.
    pub(crate) fn convert(&self, rows: &[u8], layout: Layout, to: &mut Vec<u8>) -> bool {
        to.clear();
        let pixels = rows.len() / layout.channels();
        match (self, layout) {
            (Self::Rgb { opaque: executor, .. }, Layout::Rgb) | (Self::Inks(executor), Layout::Cmyk) => {
                to.resize(pixels * 3, 0);
                executor.transform(rows, to).is_ok()
            }
            (Self::Rgb { with_alpha, .. }, Layout::Rgba) => {
                to.resize(pixels * 4, 0);
                with_alpha.transform(rows, to).is_ok()
            }
            (Self::Grey(table), Layout::Grey) => {
                to.extend(rows.iter().flat_map(|level| shown(table, *level)));
                true
            }
            (Self::Grey(table), Layout::GreyAlpha) => {
                for [level, alpha] in rows.as_chunks::<2>().0 {
                    to.extend(shown(table, *level));
                    to.push(*alpha);
                }
                true
            }
            _ => false,
        }
    }
}

fn shown(table: &[[u8; 3]; 256], level: u8) -> [u8; 3] {
    table.get(usize::from(level)).copied().unwrap_or([level; 3])
}

/// Some colours of all kinds, as RGB.
fn colours() -> Vec<u8> {
    TRIED.iter().flat_map(|r| TRIED.iter().flat_map(move |g| TRIED.iter().flat_map(move |b| [*r, *g, *b]))).collect()
}

/// Pixels of so many channels, and what they are in sRGB.
fn converted(executor: &Transform8BitExecutor, pixels: &[u8], channels: usize) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut to = vec![0; pixels.len() / channels * 3];
    executor.transform(pixels, &mut to).ok()?;
    Some((pixels.to_vec(), to))
}

fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.iter().zip(other).all(|(a, b)| a.abs_diff(*b) <= SAME)
}

impl fmt::Debug for Colours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rgb { .. } => "Colours(RGB)",
            Self::Grey(_) => "Colours(grey)",
            Self::Inks(_) => "Colours(inks)",
        })
    }
}
