//! What all providers have in common between a valid order and its answer: the drawing, and the faults of the script
//! put into the words of whoever was asked.
//!
//! A provider is its order type, which implements [`Voice`]. Nothing in here knows a wire format.

mod faults;
mod wire;

use std::sync::Arc;

use axum::response::Response;
use image::{RgbImage, RgbaImage};

use crate::{
    faults::{BrokenText, Call, Quota},
    seed,
    server::{Line, Studio},
    sketch::{self, Brief},
};

pub(crate) use wire::{Unread, broken_json, collect, torn};

const THUMBNAIL_PX: u32 = 320;

/// What is to be drawn, whoever was asked for it.
#[derive(Debug)]
pub(crate) struct Commission {
    /// Every word the user said.
    pub(crate) prompt: String,
    pub(crate) references: Vec<Reference>,
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
}

/// A picture in the request.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) bytes: Vec<u8>,
    /// Small enough to be taped to a sketch; `None` for formats that are not read here, and for links.
    pub(crate) thumbnail: Option<RgbaImage>,
}

impl Reference {
    /// `None` if the bytes are no picture.
    pub(crate) fn read(bytes: Vec<u8>) -> Option<Self> {
        let picture = image::load_from_memory(&bytes).ok()?;
        let thumbnail = picture.thumbnail(THUMBNAIL_PX, THUMBNAIL_PX).into_rgba8();
        Some(Self { bytes, thumbnail: Some(thumbnail) })
    }
}

/// A picture on its way into an answer.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) media_type: &'static str,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    File(Vec<u8>),
    /// Stands where base64 should be.
    Text(&'static str),
}

/// How a text is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wording {
    Good,
    Nothing,
    Broken(BrokenText),
}

/// A provider's way of saying things.
pub(crate) trait Voice: Send + Sync + Sized {
    /// The provider's name in scripts and counters.
    const PROVIDER: &'static str;

    fn model(&self) -> &str;
    fn commission(&self) -> &Commission;

    /// Whether a picture was asked for, and not a text.
    fn draws(&self) -> bool {
        true
    }

    /// The format of its pictures: media type and encoder.
    fn format(&self) -> (&'static str, fn(&RgbImage) -> Vec<u8>);

    /// The answer of success that holds this picture.
    async fn picture(sitting: &Sitting<'_, Self>, picture: Picture) -> Response;

    /// An answer of success with words, or nothing, in place of the picture.
    fn text_only(sitting: &Sitting<'_, Self>) -> Response;

    /// The answer of success when a text was asked for. Who always draws is never asked.
    fn text(sitting: &Sitting<'_, Self>, _: Wording) -> Response {
        Self::text_only(sitting)
    }

    /// The prompt was refused. The reason may be this provider's word for it or another's.
    fn blocked(sitting: &Sitting<'_, Self>, reason: &str) -> Response;

    /// The drawing ended for this reason before there was a picture.
    fn finished(sitting: &Sitting<'_, Self>, reason: &str) -> Response;

    /// The error of this status, in the provider's usual words if no others are given.
    fn error(&self, status: u16, message: Option<String>, wrapped: bool) -> Response;

    /// The error of this status and code.
    fn coded(&self, status: u16, code: &str) -> Response;

    fn rate_limited(&self, wait_ms: u64, quota: Quota) -> Response;
    fn bad_key(&self) -> Response;
    fn wrong_place(&self) -> Response;
    fn retired(&self) -> Response;
}

/// One order at the drawing board.
pub(crate) struct Sitting<'a, V> {
    pub(crate) studio: &'a Arc<Studio>,
    pub(crate) order: V,
    /// Which call of its prompt this is, from 1.
    pub(crate) number: u64,
    /// A number of this call alone.
    pub(crate) chance: u64,
    /// The host that the client calls us by.
    pub(crate) host: String,
}

/// Numbers a valid order, lets it wait its turn, and answers it as the script says.
pub(crate) async fn serve<V: Voice>(studio: &Arc<Studio>, line: &Line, host: String, order: V) -> Response {
    let call = Call { provider: V::PROVIDER, model: order.model(), prompt: &order.commission().prompt };
    let (decision, turn) = studio.take_turn(call).await;
    let sitting = Sitting { studio, order, number: decision.number, chance: decision.chance, host };
    let response = match decision.fault {
        None => sitting.good().await,
        Some(fault) => faults::answer(sitting, fault, line).await,
    };
    turn.answered();
    response
}

impl<V: Voice> Sitting<'_, V> {
    /// What was asked for.
    async fn good(&self) -> Response {
        if !self.order.draws() {
            return V::text(self, Wording::Good);
        }
        self.drawn(self.brief()).await
    }

    /// The brief for this call's drawing; another call of the same prompt has another one.
    pub(crate) fn brief(&self) -> Brief {
        self.brief_of_call(self.number)
    }

    /// The brief that the call of this number has.
    fn brief_of_call(&self, number: u64) -> Brief {
        let order = self.order.commission();
        Brief {
            seed: self.seed_of_call(number),
            prompt: order.prompt.clone(),
            number,
            width_px: order.width_px,
            height_px: order.height_px,
            references: order.references.iter().filter_map(|one| one.thumbnail.clone()).collect(),
        }
    }

    /// The seed of what this call draws or writes.
    pub(crate) fn seed(&self) -> u64 {
        self.seed_of_call(self.number)
    }

    fn seed_of_call(&self, number: u64) -> u64 {
        let order = self.order.commission();
        let mut facts = vec![self.studio.seed().to_le_bytes().to_vec(), number.to_le_bytes().to_vec()];
        facts.push(order.prompt.as_bytes().to_vec());
        facts.extend(order.references.iter().map(|reference| reference.bytes.clone()));
        seed::of(&facts.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// The file of a sketch, in the order's format. `None` if the draughtsman fainted.
    pub(crate) async fn draw(&self, brief: Brief) -> Option<Vec<u8>> {
        let (_, encode) = self.order.format();
        self.studio.work(move || encode(&sketch::draw(&brief))).await
    }

    async fn drawn(&self, brief: Brief) -> Response {
        self.with_file(self.draw(brief).await).await
    }

    async fn with_file(&self, file: Option<Vec<u8>>) -> Response {
        match file {
            Some(file) => {
                let picture = Picture { media_type: self.order.format().0, content: Content::File(file) };
                V::picture(self, picture).await
            }
            None => self.order.error(500, None, false),
        }
    }
}
