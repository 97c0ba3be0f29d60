//! Where decoders put their rows: planes, in sRGB.

use toonmill_webp::{Planes, WebpError};

use super::{STRIP, problem};
use crate::{Header, ImageProblem, colour::Colours};

const FREE_STEP: usize = 4 << 20;

/// What a row's pixels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Rgb,
    Rgba,
    Grey,
    GreyAlpha,
    /// Amounts of ink: 255 is all of it.
    Cmyk,
}

impl Layout {
    pub(crate) const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }
}

/// Planes that are filled by rows of any layout. Colours become sRGB on the way, if the picture's profile is another.
pub(super) struct Canvas<'a> {
    planes: Planes,
    header: Header,
    colours: Option<&'a Colours>,
    /// The rows at hand, without an alpha channel that is not used.
    repacked: Vec<u8>,
    converted: Vec<u8>,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(header: Header, colours: Option<&'a Colours>) -> Result<Self, ImageProblem> {
        let planes = Planes::new(header.width, header.height).map_err(|error| problem(error, header))?;
        Ok(Self { planes, header, colours, repacked: Vec::new(), converted: Vec::new() })
    }

    pub(super) fn into_planes(self) -> Planes {
        self.planes
    }

    /// Puts whole rows, an even number unless they are the last.
    pub(super) fn put(&mut self, start: u32, rows: &[u8], layout: Layout) -> Result<(), ImageProblem> {
        let header = self.header;
        self.put_rows(start, rows, layout).map_err(|error| problem(error, header))
    }

    /// Puts a frame that could only be decoded whole, from its end on, and gives its memory back as it goes: the planes
    /// take what the frame frees, so that both are never there at once.
    pub(super) fn put_from_the_end(&mut self, mut frame: Vec<u8>, layout: Layout) -> Result<(), ImageProblem> {
        let width = usize::try_from(self.header.width).unwrap_or(usize::MAX);
        let stride = width.saturating_mul(layout.channels());
        let mut freed = 0;
        for row in (0..self.header.height).step_by(STRIP as usize).rev() {
            let start = stride.saturating_mul(usize::try_from(row).unwrap_or(usize::MAX));
            let rows = frame.get(start..).unwrap_or_default();
            freed += rows.len();
            self.put(row, rows, layout)?;
            frame.truncate(start);
            // Not at every step: the allocator is asked to move pages.
            if freed >= FREE_STEP {
                frame.shrink_to_fit();
                freed = 0;
            }
        }
        Ok(())
    }

    fn put_rows(&mut self, start: u32, rows: &[u8], layout: Layout) -> Result<(), WebpError> {
        let (repacked, converted) = (&mut self.repacked, &mut self.converted);
        repacked.clear();
        // An alpha channel that is not used costs a plane, and libwebp's slow way.
        let is_opaque = layout == Layout::Rgba && rows.as_chunks::<4>().0.iter().all(|[.., alpha]| *alpha == u8::MAX);
        let (rows, layout) = if is_opaque {
            rows.as_chunks::<4>().0.iter().for_each(|[r, g, b, _]| repacked.extend([r, g, b]));
            (&**repacked, Layout::Rgb)
        } else {
            (rows, layout)
        };
        let has_alpha = matches!(layout, Layout::Rgba | Layout::GreyAlpha);
        let is_converted = self.colours.is_some_and(|colours| colours.convert(rows, layout, converted));
        let rows = match layout {
            _ if is_converted => converted,
            Layout::Rgb | Layout::Rgba => rows,
            Layout::Grey => filled(converted, rows.iter().flat_map(|grey| [*grey; 3])),
            Layout::GreyAlpha => {
                let pixels = rows.as_chunks::<2>().0.iter();
                filled(converted, pixels.flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha]))
            }
            Layout::Cmyk => {
                let pixels = rows.as_chunks::<4>().0.iter();
                filled(converted, pixels.flat_map(|[c, m, y, k]| [c, m, y].map(|ink| left(*ink, *k))))
            }
        };
        if has_alpha { self.planes.put_rgba(start, rows) } else { self.planes.put_rgb(start, rows) }
    }
}

fn filled(to: &mut Vec<u8>, from: impl Iterator<Item = u8>) -> &[u8] {
    to.clear();
    to.extend(from);
    to
}

/// The light that an ink and black leave of white, where nothing is known of the inks.
fn left(ink: u8, black: u8) -> u8 {
    let light = u32::from(u8::MAX - ink) * u32::from(u8::MAX - black);
    ((light + 127) / 255).to_le_bytes()[0]
}
