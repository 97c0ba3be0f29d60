//! A WebP file to planes, straight into their memory.

#![expect(unsafe_code, reason = "libwebp is C")]

use std::{ffi::c_int, mem::MaybeUninit};

use libwebp_sys::{
    VP8StatusCode, WEBP_CSP_MODE, WebPBitstreamFeatures, WebPDecode, WebPDecoderConfig, WebPGetFeatures, WebPYUVABuffer,
};

use crate::{
    Planes, WebpError,
    planes::{area, half},
};

/// How a file holds its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Lossy,
    /// Several times as large, and exact before it became YUV here.
    Lossless,
}

#[derive(Debug)]
pub struct Decoded {
    pub planes: Planes,
    pub coding: Coding,
}

/// The picture, if the file is whole. A file of other sides than `width` and `height` is broken: they were read from
/// its header, and memory is made for them.
pub fn decode(file: &[u8], width: u32, height: u32) -> Result<Decoded, WebpError> {
    let features = features(file)?;
    if features.has_animation != 0 {
        return Err(WebpError::Animated);
    }
    if (u32::try_from(features.width), u32::try_from(features.height)) != (Ok(width), Ok(height)) {
        return Err(WebpError::Broken);
    }
    let mut planes = Planes::new(width, height)?;
    if features.has_alpha != 0 {
        planes.alpha = vec![0; area(width, height)];
    }
    let mut config = WebPDecoderConfig::new().map_err(|()| WebpError::Memory)?;
    config.output.colorspace = if features.has_alpha == 0 { WEBP_CSP_MODE::MODE_YUV } else { WEBP_CSP_MODE::MODE_YUVA };
    config.output.is_external_memory = 1;
    config.output.u.YUVA = buffer(&mut planes)?;
    // SAFETY: the configuration is initialised, `file` is as long as it says, and the output is external memory: the
    // planes' own, with their true sizes, which libwebp compares with the picture's before it writes and never frees.
    let status = unsafe { WebPDecode(file.as_ptr(), file.len(), &raw mut config) };
    match status {
        VP8StatusCode::VP8_STATUS_OK => {}
        VP8StatusCode::VP8_STATUS_OUT_OF_MEMORY => return Err(WebpError::Memory),
        _ => return Err(WebpError::Broken),
    }
    if planes.alpha.iter().all(|alpha| *alpha == u8::MAX) {
        planes.alpha = Vec::new();
    }
    Ok(Decoded { planes, coding: if features.format == 2 { Coding::Lossless } else { Coding::Lossy } })
}

fn features(file: &[u8]) -> Result<WebPBitstreamFeatures, WebpError> {
    let mut features = MaybeUninit::<WebPBitstreamFeatures>::zeroed();
    // SAFETY: libwebp reads `file.len()` bytes of the file, and writes the features.
    let status = unsafe { WebPGetFeatures(file.as_ptr(), file.len(), features.as_mut_ptr()) };
    if status != VP8StatusCode::VP8_STATUS_OK {
        return Err(WebpError::Broken);
    }
    // SAFETY: all fields are integers, for which zero, or what was written since, is a value.
    Ok(unsafe { features.assume_init() })
}

fn buffer(planes: &mut Planes) -> Result<WebPYUVABuffer, WebpError> {
    let (width, height) = (planes.width(), planes.height());
    let stride = |width: u32| c_int::try_from(width).map_err(|_| WebpError::Size { width, height });
    let has_alpha = !planes.alpha.is_empty();
    Ok(WebPYUVABuffer {
        y: planes.y.as_mut_ptr(),
        u: planes.u.as_mut_ptr(),
        v: planes.v.as_mut_ptr(),
        a: if has_alpha { planes.alpha.as_mut_ptr() } else { std::ptr::null_mut() },
        y_stride: stride(width)?,
        u_stride: stride(half(width))?,
        v_stride: stride(half(width))?,
        a_stride: if has_alpha { stride(width)? } else { 0 },
        y_size: planes.y.len(),
        u_size: planes.u.len(),
        v_size: planes.v.len(),
        a_size: planes.alpha.len(),
    })
}
