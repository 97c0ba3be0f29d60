//! RGB to YUV by libwebp's own code, so that strips give what a whole frame would: chroma is averaged in linear light
//! and weighted by alpha, with the instructions the machine has.

#![expect(unsafe_code, reason = "libwebp is C")]

use std::slice;

use libwebp_sys::{WebPPicture, WebPPictureFree, WebPPictureImportRGB, WebPPictureImportRGBA};

use crate::{
    WebpError,
    planes::{area, half},
};

#[derive(Clone, Copy)]
pub(crate) enum Layout {
    Rgb,
    Rgba,
}

/// A few rows in YUV, in memory of libwebp's.
pub(crate) struct Strip {
    picture: WebPPicture,
    width: u32,
    rows: u32,
}

impl Layout {
    pub(crate) const fn bytes_per_pixel(self) -> u32 {
        match self {
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

impl Strip {
    pub(crate) fn import(width: u32, rows: u32, pixels: &[u8], layout: Layout) -> Result<Self, WebpError> {
        let size = WebpError::Size { width, height: rows };
        let stride = width.checked_mul(layout.bytes_per_pixel()).ok_or(size)?;
        if area(stride, rows) != pixels.len() {
            return Err(WebpError::Rows { row: 0, bytes: pixels.len() });
        }
        let picture = WebPPicture::new().map_err(|()| WebpError::Memory)?;
        let mut strip = Self { picture, width, rows };
        strip.picture.use_argb = 0;
        strip.picture.width = i32::try_from(width).map_err(|_| size)?;
        strip.picture.height = i32::try_from(rows).map_err(|_| size)?;
        let stride = i32::try_from(stride).map_err(|_| size)?;
        let import = match layout {
            Layout::Rgb => WebPPictureImportRGB,
            Layout::Rgba => WebPPictureImportRGBA,
        };
        // SAFETY: the picture is initialised, and `pixels` are exactly `rows` rows of `stride` bytes, all of which are
        // whole pixels of `width`: that was compared above. libwebp reads no more, and writes to memory of its own,
        // which the picture's end frees.
        let done = unsafe { import(&raw mut strip.picture, pixels.as_ptr(), stride) };
        if done == 0 { Err(WebpError::Memory) } else { Ok(strip) }
    }

    pub(crate) fn luma(&self) -> Result<&[u8], WebpError> {
        self.plane(|picture| (picture.y, picture.y_stride), self.width, self.rows)
    }

    pub(crate) fn chroma(&self) -> Result<[&[u8]; 2], WebpError> {
        let (width, rows) = (half(self.width), half(self.rows));
        let u = self.plane(|picture| (picture.u, picture.uv_stride), width, rows)?;
        let v = self.plane(|picture| (picture.v, picture.uv_stride), width, rows)?;
        Ok([u, v])
    }

    /// None if all pixels are opaque.
    pub(crate) fn alpha(&self) -> Result<Option<&[u8]>, WebpError> {
        if self.picture.a.is_null() {
            return Ok(None);
        }
        self.plane(|picture| (picture.a, picture.a_stride), self.width, self.rows).map(Some)
    }

    /// One of the picture's planes, whose rows follow each other without a gap: `WebPPictureAllocYUVA` makes strides
    /// the width. Should it ever not, that is an error here.
    fn plane(&self, of: fn(&WebPPicture) -> (*mut u8, i32), width: u32, rows: u32) -> Result<&[u8], WebpError> {
        let (start, stride) = of(&self.picture);
        if start.is_null() || u32::try_from(stride) != Ok(width) {
            return Err(WebpError::Memory);
        }
        // SAFETY: libwebp has allocated `rows` rows of `stride` bytes for this plane, which is `width`, and `import` has
        // filled them. They are freed when `self` is dropped, which the slice borrows, and nobody writes to them.
        Ok(unsafe { slice::from_raw_parts(start, area(width, rows)) })
    }
}

impl Drop for Strip {
    fn drop(&mut self) {
        // SAFETY: the picture was initialised by `WebPPicture::new`, and what it owns is libwebp's own.
        unsafe { WebPPictureFree(&raw mut self.picture) }
    }
}
