//! A provider whose every outcome the test chooses. The pictures are real ones.

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use image::{ImageFormat, Rgb, RgbImage};
use toonmill_domain::{AspectRatio, Failure};
use toonmill_providers::{DrawFuture, DrawRequest, Drawing, Provider};

type Script = dyn Fn(&Order<'_>) -> Result<Drawing, Failure> + Send + Sync;

/// A call, as far as a script cares.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    pub prompt: &'a str,
    /// From 1, of this prompt.
    pub call: u32,
    /// Who is asked.
    pub provider: &'a str,
    pub aspect_ratio: AspectRatio,
}

/// A call as the provider got it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub prompt: String,
    pub aspect_ratio: AspectRatio,
    pub references: Vec<Bytes>,
}

/// Draws as its script says: prompt and number of the call (from 1, of that prompt) to an outcome.
#[derive(Clone)]
pub struct Artist(Arc<Inner>);

struct Inner {
    script: Mutex<Arc<Script>>,
    calls: Mutex<BTreeMap<String, u32>>,
    total: AtomicU32,
    asked: Mutex<Vec<Asked>>,
}

impl Artist {
    pub fn new(script: impl Fn(&str, u32) -> Result<Drawing, Failure> + Send + Sync + 'static) -> Self {
        Self::by_order(move |order| script(order.prompt, order.call))
    }

    /// Draws as the script says, which may depend on who is asked.
    pub fn by_order(script: impl Fn(&Order<'_>) -> Result<Drawing, Failure> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            script: Mutex::new(Arc::new(script)),
            calls: Mutex::default(),
            total: AtomicU32::new(0),
            asked: Mutex::default(),
        }))
    }

    /// Draws another picture at each call, of the ratio that is asked for.
    pub fn obedient() -> Self {
        let number = AtomicU32::new(0);
        Self::by_order(move |order| {
            let ratio = order.aspect_ratio;
            let sides = (u32::from(ratio.width()) * 32, u32::from(ratio.height()) * 32);
            Ok(picture_of(number.fetch_add(1, Ordering::Relaxed), sides))
        })
    }

    /// Every call so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.0.asked.lock().unwrap().clone()
    }

    /// Draws another picture at each call.
    pub fn tireless() -> Self {
        let number = AtomicU32::new(0);
        Self::new(move |_, _| Ok(picture(number.fetch_add(1, Ordering::Relaxed))))
    }

    /// From now on draws by another script.
    pub fn rewrite(&self, script: impl Fn(&str, u32) -> Result<Drawing, Failure> + Send + Sync + 'static) {
        *self.0.script.lock().unwrap() = Arc::new(move |order: &Order<'_>| script(order.prompt, order.call));
    }

    pub fn calls(&self) -> u32 {
        self.0.total.load(Ordering::Relaxed)
    }
}

impl Provider for Artist {
    fn draw<'a>(&'a self, request: DrawRequest<'a>) -> DrawFuture<'a> {
        self.0.total.fetch_add(1, Ordering::Relaxed);
        self.0.asked.lock().unwrap().push(Asked {
            prompt: request.prompt.to_owned(),
            aspect_ratio: request.aspect_ratio,
            references: request.references.iter().map(|reference| reference.bytes.clone()).collect(),
        });
        let call = {
            let mut calls = self.0.calls.lock().unwrap();
            let call = calls.entry(request.prompt.to_owned()).or_default();
            *call += 1;
            *call
        };
        let script = Arc::clone(&self.0.script.lock().unwrap());
        let (provider, aspect_ratio) = (request.model.provider.as_str(), request.aspect_ratio);
        Box::pin(async move { script(&Order { prompt: request.prompt, call, provider, aspect_ratio }) })
    }
}

impl fmt::Debug for Artist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Artist({} calls)", self.calls())
    }
}

/// A small square picture; each number gives other bytes.
pub fn picture(number: u32) -> Drawing {
    picture_of(number, (64, 64))
}

/// The same of another width and height.
pub fn picture_of(number: u32, (width, height): (u32, u32)) -> Drawing {
    let [_, b, g, r] = number.wrapping_mul(2_654_435_761).to_be_bytes();
    let image = RgbImage::from_fn(width, height, |x, y| {
        let on = (x / 8 + y / 8) % 2 == 0 || (number >> (x / 8 % 32)) & 1 == 1;
        if on { Rgb([r, g, b]) } else { Rgb([255 - r, 255 - g, number.to_be_bytes()[3]]) }
    });
    drawing(&image)
}

/// What a provider gives for this picture.
pub fn drawing(image: &RgbImage) -> Drawing {
    let mut bytes = io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    Drawing {
        bytes: bytes.into_inner().into(),
        mime_type: "image/png".to_owned(),
        model_version: None,
        usage: None,
        text: None,
    }
}
