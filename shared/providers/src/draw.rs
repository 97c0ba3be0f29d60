//! One call for one picture: what is asked, and what comes back.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use toonmill_domain::{AspectRatio, Failure, Usage};

use crate::ImageModel;

/// A client of one provider. There are really several, and the simulation brings its own.
pub trait Provider: Send + Sync {
    /// Makes one call, and never a second one. A call that was cut off may have been paid for.
    fn draw<'a>(&'a self, request: DrawRequest<'a>) -> DrawFuture<'a>;
}

pub type DrawFuture<'a> = Pin<Box<dyn Future<Output = Result<Drawing, Failure>> + Send + 'a>>;

#[derive(Clone, Copy, Debug)]
pub struct DrawRequest<'a> {
    pub model: &'a ImageModel,
    pub prompt: &'a str,
    pub aspect_ratio: AspectRatio,
    /// One of the model's sizes; its default if `None`.
    pub image_size: Option<&'a str>,
    pub references: &'a [Reference],
    /// A visible mark that a machine drew it; the model's default if `None`. Not every provider can do either.
    pub watermark: Option<bool>,
    /// For the whole call, connecting included.
    pub time_limit: Duration,
}

/// A picture that is sent along.
#[derive(Clone)]
pub struct Reference {
    pub mime_type: String,
    pub bytes: Bytes,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Drawing {
    /// As the provider encoded them, and not yet looked at.
    pub bytes: Bytes,
    /// What the provider says they are. It has been wrong: trust the bytes.
    pub mime_type: String,
    /// The model as the provider resolved it.
    pub model_version: Option<String>,
    pub usage: Option<Usage>,
    /// What the model wrote beside the picture.
    pub text: Option<String>,
}

impl std::fmt::Debug for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reference({}, {} bytes)", self.mime_type, self.bytes.len())
    }
}

impl std::fmt::Debug for Drawing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Drawing({}, {} bytes, by {:?})", self.mime_type, self.bytes.len(), self.model_version)
    }
}
