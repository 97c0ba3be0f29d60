//! Requests and answers as bytes. Nothing in here knows a method.

mod error;
mod fields;
mod html;
mod picture;

pub(super) use error::ApiError;
pub(super) use fields::{Fields, Upload};
pub(super) use html::from_html;
pub(super) use picture::{Picture, PictureError};
