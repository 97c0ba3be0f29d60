//! The frame header of a JPEG (ITU-T T.81, B.2.2).

use crate::{
    ImageProblem,
    container::{JpegSegment, JpegSegments, big_u16},
};

/// The most components that any picture has: CMYK.
pub(crate) const MOST_COMPONENTS: usize = 4;
/// The largest sampling factor (T.81, B.2.2).
const LARGEST_FACTOR: u8 = 4;

/// How the coefficients are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Process {
    /// All of a block at once: baseline, and extended sequential.
    Sequential,
    Progressive,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) id: u8,
    /// Sampling factors: samples across and down for each of the picture's units.
    pub(crate) across: u8,
    pub(crate) down: u8,
    /// The number of its quantisation table.
    pub(crate) quantiser: u8,
}

/// What the components are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Grey,
    Ycc,
    Rgb,
    Cmyk,
    Ycck,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) process: Process,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) components: Vec<Component>,
    /// Whether the first scan has all components.
    pub(crate) is_in_one_scan: bool,
    /// The colour transform that Adobe's segment names: 0 none, 1 YCbCr, 2 YCCK.
    adobe: Option<u8>,
    has_jfif: bool,
}

impl Frame {
    /// The frame of a file, unless it is of a kind that is not decoded.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, ImageProblem> {
        let (mut adobe, mut has_jfif, mut frame) = (None, false, None::<Self>);
        for segment in JpegSegments::new(bytes) {
            match (segment.marker, &mut frame) {
                (0xe0, _) => has_jfif |= segment.body.starts_with(b"JFIF\0"),
                (0xee, _) if segment.body.starts_with(b"Adobe") => adobe = segment.body.get(11).copied(),
                (0xda, Some(frame)) => {
                    frame.is_in_one_scan =
                        segment.body.first().map(|count| usize::from(*count)) == Some(frame.components.len());
                }
                (0xda, None) => return Err(ImageProblem::Damaged),
                (marker, None) if is_frame(marker) => frame = Some(Self::of(&segment)?),
                _ => {}
            }
        }
        frame.map(|frame| Self { adobe, has_jfif, ..frame }).ok_or(ImageProblem::Truncated)
    }

    fn of(segment: &JpegSegment<'_>) -> Result<Self, ImageProblem> {
        let process = match segment.marker {
            0xc0 | 0xc1 => Process::Sequential,
            0xc2 => Process::Progressive,
            0xc3 => return Err(ImageProblem::Unsupported("a lossless JPEG")),
            0xc5..=0xc7 => return Err(ImageProblem::Unsupported("a hierarchical JPEG")),
            _ => return Err(ImageProblem::Unsupported("a JPEG with arithmetic coding")),
        };
        let body = segment.body;
        let [precision, .., count] = body.first_chunk::<6>().ok_or(ImageProblem::Damaged)?;
        if *precision != 8 {
            return Err(ImageProblem::Unsupported("a JPEG of more than 8 bits a sample"));
        }
        let (height, width) = big_u16(body, 1).zip(big_u16(body, 3)).ok_or(ImageProblem::Damaged)?;
        let components = body.get(6..).unwrap_or_default().as_chunks::<3>().0;
        let component = |[id, factors, quantiser]: &[u8; 3]| Component {
            id: *id,
            across: factors >> 4,
            down: factors & 15,
            quantiser: *quantiser,
        };
        let components: Vec<_> = components.iter().take((*count).into()).map(component).collect();
        let is_usable = |factor: u8| (1..=LARGEST_FACTOR).contains(&factor);
        if components.len() != usize::from(*count)
            || components.iter().any(|component| !is_usable(component.across) || !is_usable(component.down))
        {
            return Err(ImageProblem::Damaged);
        }
        if !matches!(components.len(), 1 | 3 | MOST_COMPONENTS) {
            return Err(ImageProblem::Unsupported("a JPEG that is neither grey, RGB, YCbCr, CMYK nor YCCK"));
        }
        let frame = Self {
            process,
            width: width.into(),
            height: height.into(),
            components,
            is_in_one_scan: false,
            adobe: None,
            has_jfif: false,
        };
        let (across, down) = frame.largest();
        let is_whole = |component: &Component| across % component.across == 0 && down % component.down == 0;
        if frame.components.iter().all(is_whole) {
            Ok(frame)
        } else {
            // libjpeg does not decode these either.
            Err(ImageProblem::Unsupported("a JPEG with sampling factors that are no multiples of each other"))
        }
    }

    /// As libjpeg decides it (`default_decompress_parms`).
    pub(crate) fn colour(&self) -> Colour {
        match (self.components.len(), self.adobe) {
            (1, _) => Colour::Grey,
            (MOST_COMPONENTS, None | Some(0)) => Colour::Cmyk,
            (MOST_COMPONENTS, Some(_)) => Colour::Ycck,
            _ if self.has_jfif => Colour::Ycc,
            (_, Some(0)) => Colour::Rgb,
            (_, None) if self.ids().eq(*b"RGB") => Colour::Rgb,
            _ => Colour::Ycc,
        }
    }

    /// Whether every decoder takes it for YCbCr: no two signs contradict each other.
    pub(crate) fn is_plainly_ycc(&self) -> bool {
        matches!(self.adobe, None | Some(1)) && (self.has_jfif || self.adobe == Some(1) || self.ids().eq(1..=3))
    }

    fn ids(&self) -> impl Iterator<Item = u8> {
        self.components.iter().map(|component| component.id)
    }

    /// Whether each component has as many blocks as its units have room for, as far as the picture's own blocks go.
    pub(crate) fn fills_its_units(&self) -> bool {
        let (across, down) = self.largest();
        let fills = |side: u32, factor: u8, largest: u8| {
            let (factor, largest) = (u32::from(factor), u32::from(largest));
            let own = (side * factor).div_ceil(largest).div_ceil(8);
            let room = (side.div_ceil(8 * largest) * factor).min(side.div_ceil(8));
            own == room
        };
        let of = |component: &Component| {
            fills(self.width, component.across, across) && fills(self.height, component.down, down)
        };
        self.components.iter().all(of)
    }

    /// Samples of all components.
    pub(crate) fn samples(&self) -> u64 {
        let (across, down) = self.largest();
        let pixels = u64::from(self.width) * u64::from(self.height);
        let of = |component: &Component| pixels * u64::from(component.across) * u64::from(component.down);
        self.components.iter().map(of).sum::<u64>() / u64::from(across) / u64::from(down)
    }

    /// The largest factors across and down: a unit of the picture is eight times as large.
    pub(crate) fn largest(&self) -> (u8, u8) {
        let largest = |of: fn(&Component) -> u8| self.components.iter().map(of).max().unwrap_or(1);
        (largest(|component| component.across), largest(|component| component.down))
    }
}

/// A start of frame of any kind; C4, C8 and CC are tables and reserved.
pub(crate) const fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf)
}
