//! One page that shows every picture of a job: stages as rows of a studio's contact sheet, in
//! slot order, with what was asked for above and the totals below.
//!
//! It takes plain words and pixels, so anything that holds pictures can print one.

mod layout;
mod paper;

use std::io::Cursor;

use image::{
    ExtendedColorType, ImageEncoder as _, ImageError, RgbaImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
    imageops,
};

use layout::Layout;
use paper::Paper;

/// A whole sheet, ready to be composed.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The large line at the top, such as the job's name.
    pub title: String,
    /// A smaller line under the title: an id, a date, a model.
    pub subtitle: String,
    /// The stages from top to bottom.
    pub stages: Vec<Stage>,
    /// The last line, with the totals.
    pub footer: String,
    /// Pictures in a row; 1 to 40, and 10 is a good number.
    pub columns: u32,
    /// Width of the sheet in pixels, 600 to 6000; its height follows from what is on it.
    pub width_px: u32,
}

impl Sheet {
    /// A sheet 2000 pixels wide with ten pictures in a row.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            subtitle: String::new(),
            stages: Vec::new(),
            footer: String::new(),
            columns: 10,
            width_px: 2000,
        }
    }
}

/// One stage: a heading, what was asked for, and a cell per slot in slot order.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The heading, such as `Stage 1 · storyboard`.
    pub heading: String,
    /// What stands at the right end of the heading, such as `50 / 50`.
    pub count: String,
    /// The prompt; at most two lines of it are shown.
    pub caption: String,
    /// The pictures in slot order.
    pub cells: Vec<Cell>,
}

/// One slot of a stage.
#[derive(Debug, Clone)]
pub struct Cell {
    /// What stands under the picture, such as `07`.
    pub label: String,
    /// The picture, or `None` for a slot that stayed empty. See [`thumbnail`].
    pub picture: Option<RgbaImage>,
    /// A short note in red pencil, such as `try 2`.
    pub badge: Option<String>,
}

/// Why a sheet could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sheet would be higher than a picture can be.
    #[error("a sheet {width_px} × {height_px} pixels large cannot be drawn")]
    TooLarge {
        /// Width in pixels.
        width_px: u32,
        /// Height in pixels.
        height_px: u32,
    },
    /// The sheet could not be written as PNG.
    #[error("the contact sheet could not be encoded")]
    Encode(#[source] ImageError),
}

/// Decodes a picture of any common format and shrinks it so that no side is longer than
/// `max_side_px`. For a sheet of ten columns 400 is plenty.
pub fn thumbnail(bytes: &[u8], max_side_px: u32) -> Result<RgbaImage, ImageError> {
    let picture = image::load_from_memory(bytes)?;
    if picture.width().max(picture.height()) <= max_side_px {
        return Ok(picture.into_rgba8());
    }
    Ok(picture.thumbnail(max_side_px, max_side_px).into_rgba8())
}

/// Draws the sheet and encodes it as one PNG.
pub fn compose(sheet: &Sheet) -> Result<Vec<u8>, Error> {
    let layout = Layout::of(sheet);
    let (width_px, height_px) = (layout.width_px, layout.height_px());
    let mut paper = Paper::new(width_px, height_px).ok_or(Error::TooLarge { width_px, height_px })?;
    layout.draw(sheet, &mut paper);
    let mut png = Cursor::new(Vec::new());
    let sheet = paper.into_rgb();
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive);
    encoder.write_image(sheet.as_raw(), width_px, height_px, ExtendedColorType::Rgb8).map_err(Error::Encode)?;
    Ok(png.into_inner())
}

/// The picture at the size it has on the sheet: it fits inside the cell and keeps its ratio.
fn fitted(picture: &RgbaImage, width_px: u32, height_px: u32) -> RgbaImage {
    let (from_w, from_h) = (picture.width().max(1) as f32, picture.height().max(1) as f32);
    let scale = (width_px as f32 / from_w).min(height_px as f32 / from_h);
    let to = |side: f32| ((side * scale).round() as u32).max(1);
    if scale < 1.0 {
        // Averaging every pixel keeps thin lines where nearest neighbours would drop them.
        imageops::thumbnail(picture, to(from_w), to(from_h))
    } else {
        imageops::resize(picture, to(from_w), to(from_h), imageops::FilterType::CatmullRom)
    }
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    fn cell(index: usize, picture: Option<RgbaImage>) -> Cell {
        Cell { label: format!("{:02}", index + 1), picture, badge: None }
    }

    fn sheet(cells: usize) -> Sheet {
        let picture = RgbaImage::from_pixel(160, 90, Rgba([200, 40, 40, 255]));
        let stage = Stage {
            heading: "Stage 1".into(),
            count: format!("{cells} / {cells}"),
            caption: "A hunter stands before the gate".into(),
            cells: (0..cells).map(|index| cell(index, Some(picture.clone()))).collect(),
        };
        Sheet { stages: vec![stage], footer: "end".into(), ..Sheet::new("Gate 웹툰") }
    }

    #[test]
    fn the_sheet_is_as_wide_as_asked_and_grows_by_rows() {
        let size = |cells| {
            let png = compose(&sheet(cells)).unwrap();
            let picture = image::load_from_memory(&png).unwrap();
            (picture.width(), picture.height())
        };
        let (ten, twenty) = (size(10), size(11));
        assert_eq!(ten.0, 2000);
        assert!(twenty.1 > ten.1 + 90);
        assert_eq!(size(20), twenty);
    }

    #[test]
    fn pictures_stand_on_the_sheet_in_their_colours() {
        let png = compose(&sheet(3)).unwrap();
        let picture = image::load_from_memory(&png).unwrap().into_rgb8();
        let red = picture.pixels().filter(|pixel| pixel.0 == [200, 40, 40]).count();
        assert!(red > 3 * 150 * 80, "{red}");
    }

    #[test]
    fn an_empty_slot_and_an_empty_sheet_are_drawn_too() {
        let mut empty = sheet(1);
        empty.stages[0].cells.push(cell(1, None));
        assert!(compose(&empty).is_ok());
        assert!(compose(&Sheet { columns: 0, ..Sheet::new("") }).is_ok());
    }

    #[test]
    fn a_sheet_beyond_all_measure_is_an_error_and_no_panic() {
        let mut huge = sheet(1);
        huge.columns = 1;
        huge.width_px = 6000;
        huge.stages[0].cells = (0..5000).map(|index| cell(index, None)).collect();
        assert!(matches!(compose(&huge), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn a_thumbnail_keeps_its_ratio_and_small_pictures_stay_as_they_are() {
        let picture = RgbaImage::from_pixel(800, 400, Rgba([1, 2, 3, 255]));
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let bytes = png.into_inner();
        assert_eq!(thumbnail(&bytes, 200).unwrap().dimensions(), (200, 100));
        assert_eq!(thumbnail(&bytes, 4000).unwrap().dimensions(), (800, 400));
        assert!(thumbnail(b"not a picture", 200).is_err());
    }
}
