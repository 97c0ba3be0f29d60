//! Planes to a WebP file.

#![expect(unsafe_code, reason = "libwebp is C")]

use std::{ffi::c_int, slice};

use libwebp_sys::{WebPConfig, WebPEncCSP, WebPEncode, WebPPicture, WebPValidateConfig};

use crate::{MAX_SIDE, Planes, WebpError, planes::half};

/// How good, and with how much labour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    quality: u8,
    method: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEffort {
    #[error("{0} is not from 0 to 100")]
    Quality(u8),
    #[error("{0} is not from 0 to 6")]
    Method(u8),
}

impl Default for Effort {
    fn default() -> Self {
        Self { quality: Self::QUALITY, method: Self::METHOD }
    }
}

impl Effort {
    pub const QUALITY: u8 = 90;
    /// Half the instructions of libwebp's own default, four, for 2.5 % more bytes and no loss that shows.
    pub const METHOD: u8 = 2;

    /// `quality` from 0 to 100; `method` from 0, the fastest, to 6, the smallest.
    pub const fn new(quality: u8, method: u8) -> Result<Self, InvalidEffort> {
        if quality > 100 {
            return Err(InvalidEffort::Quality(quality));
        }
        if method > 6 {
            return Err(InvalidEffort::Method(method));
        }
        Ok(Self { quality, method })
    }
}

impl Planes {
    /// The file. The planes are used up: libwebp smooths what alpha hides in place.
    pub fn encode(mut self, effort: Effort) -> Result<Vec<u8>, WebpError> {
        let (width, height) = (self.width(), self.height());
        if width.max(height) > MAX_SIDE {
            return Err(WebpError::Size { width, height });
        }
        let config = config(effort)?;
        let mut file: Vec<u8> = Vec::new();
        let mut picture = self.picture()?;
        picture.writer = Some(append);
        picture.custom_ptr = (&raw mut file).cast();
        // SAFETY: the configuration is valid. The picture's planes are those of `self`, as long as its sides and
        // strides say, and nobody else reads or writes them during the call. The writer is `append`, and its pointer is
        // to `file`, which nobody uses until the call is over. libwebp frees what it allocates.
        let done = unsafe { WebPEncode(&raw const config, &raw mut picture) };
        if done == 0 { Err(WebpError::Encode(picture.error_code as u32)) } else { Ok(file) }
    }

    /// A picture of libwebp's that borrows the planes, and owns nothing that would have to be freed.
    fn picture(&mut self) -> Result<WebPPicture, WebpError> {
        let (width, height) = (self.width(), self.height());
        let side = |side: u32| c_int::try_from(side).map_err(|_| WebpError::Size { width, height });
        let mut picture = WebPPicture::new().map_err(|()| WebpError::Memory)?;
        picture.use_argb = 0;
        picture.width = side(width)?;
        picture.height = side(height)?;
        picture.y = self.y.as_mut_ptr();
        picture.u = self.u.as_mut_ptr();
        picture.v = self.v.as_mut_ptr();
        picture.y_stride = side(width)?;
        picture.uv_stride = side(half(width))?;
        if self.alpha.is_empty() {
            picture.colorspace = WebPEncCSP::WEBP_YUV420;
        } else {
            picture.colorspace = WebPEncCSP::WEBP_YUV420A;
            picture.a = self.alpha.as_mut_ptr();
            picture.a_stride = side(width)?;
        }
        Ok(picture)
    }
}

fn config(effort: Effort) -> Result<WebPConfig, WebpError> {
    let mut config = WebPConfig::new().map_err(|()| WebpError::Encode(0))?;
    config.quality = f32::from(effort.quality);
    config.method = c_int::from(effort.method);
    // SAFETY: the configuration was initialised by `WebPConfig::new`, and is only read.
    let valid = unsafe { WebPValidateConfig(&raw const config) };
    if valid == 0 { Err(WebpError::Encode(4)) } else { Ok(config) }
}

/// libwebp's writer: what it has is added to the file. Zero stops the encoder, which then says that writing failed.
extern "C" fn append(data: *const u8, size: usize, picture: *const WebPPicture) -> c_int {
    // SAFETY: libwebp calls this from within `WebPEncode` with the picture that `encode` gave it.
    let file = unsafe { (*picture).custom_ptr }.cast::<Vec<u8>>();
    // SAFETY: `custom_ptr` is `encode`'s file, which nothing else refers to during the call.
    let file = unsafe { &mut *file };
    if size == 0 {
        return 1;
    }
    // SAFETY: libwebp gives `size` bytes at `data`, of its own.
    let data = unsafe { slice::from_raw_parts(data, size) };
    // A panic must not unwind through C.
    if file.try_reserve(size).is_err() {
        return 0;
    }
    file.extend_from_slice(data);
    1
}
