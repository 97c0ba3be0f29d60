//! The provider of a simulation: what a call comes to follows from the seed, the slot and the number of the call.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use image::{Rgb, RgbImage};
use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::{DrawFuture, DrawRequest, Drawing, Provider};

use super::{gate::Gate, modes::Odds};
use crate::artist::drawing;

#[derive(Clone)]
pub(crate) struct Studio(Arc<Inner>);

struct Inner {
    gate: Gate,
    odds: Odds,
    /// By prompt, which names the slot: all calls, and those that were only told to wait.
    calls: Mutex<BTreeMap<String, (u32, u32)>>,
}

impl Studio {
    pub(crate) fn new(gate: Gate, odds: Odds) -> Self {
        Self(Arc::new(Inner { gate, odds, calls: Mutex::default() }))
    }

    /// Calls by prompt that may have been paid for or used a try.
    pub(crate) fn calls(&self) -> BTreeMap<String, u32> {
        let calls = self.0.calls.lock().unwrap();
        calls.iter().map(|(prompt, (all, waits))| (prompt.clone(), all - waits)).collect()
    }

    /// All calls by prompt.
    pub(crate) fn all_calls(&self) -> BTreeMap<String, u32> {
        self.0.calls.lock().unwrap().iter().map(|(prompt, (all, _))| (prompt.clone(), *all)).collect()
    }

    /// What a call comes to, and the number that its picture is drawn from.
    fn decide(&self, prompt: &str, call: u32) -> Result<u32, Failure> {
        let odds = &self.0.odds;
        let mut dice = fastrand::Rng::with_seed(odds.seed ^ hash(prompt).wrapping_mul(u64::from(call) * 2 + 1));
        let stage = prompt.rsplit_once('/').map_or(prompt, |(stage, _)| stage);
        if odds.refuses_some && hash(prompt).is_multiple_of(7) {
            return Err(Failure::new(FailureCode::Refused).detail("SAFETY"));
        }
        if dice.f64() >= odds.failing {
            // A small choice of pictures, so that some slots get another slot's.
            let choice = if dice.f64() < odds.twins { dice.u32(0..3) } else { dice.u32(3..) };
            return Ok(choice ^ u32::try_from(hash(stage) >> 32).unwrap_or(0));
        }
        let code = match dice.u32(0..100) {
            0..30 => FailureCode::Overloaded,
            30..45 => FailureCode::RateLimited,
            45..60 => FailureCode::TimedOut,
            60..75 => FailureCode::Empty,
            75..85 => FailureCode::Refused,
            85..92 => FailureCode::InvalidImage,
            92..94 => FailureCode::DuplicateImage,
            94..96 => FailureCode::BadRequest,
            _ if !odds.stops => FailureCode::Overloaded,
            96 => FailureCode::Unauthorised,
            _ if dice.bool() => FailureCode::QuotaExhausted,
            _ => FailureCode::ModelRetired,
        };
        let asked = (code == FailureCode::RateLimited && dice.bool()).then(|| Duration::from_secs(dice.u64(1..400)));
        Err(Failure::new(code).retry_after(asked))
    }
}

impl Provider for Studio {
    fn draw<'a>(&'a self, request: DrawRequest<'a>) -> DrawFuture<'a> {
        Box::pin(async move {
            let call = {
                let mut calls = self.0.calls.lock().unwrap();
                let count = calls.entry(request.prompt.to_owned()).or_default();
                count.0 += 1;
                count.0
            };
            let decided = self.decide(request.prompt, call);
            let text = match &decided {
                Ok(number) => format!("{} call {call}: picture {number:08x}", request.prompt),
                Err(failure) => format!("{} call {call}: {}", request.prompt, failure.code.as_str()),
            };
            if self.0.gate.wait_for("Provider.Draw", text).await.is_some() {
                return Err(Failure::new(FailureCode::TimedOut));
            }
            match decided {
                Ok(number) => Ok(picture(number)),
                // Bytes that are no picture: it is the worker that must notice.
                Err(failure) if failure.code == FailureCode::InvalidImage => Ok(Drawing {
                    bytes: bytes::Bytes::from_static(b"no picture"),
                    mime_type: "image/png".to_owned(),
                    model_version: None,
                    usage: None,
                    text: None,
                }),
                Err(failure) => {
                    if failure.code == FailureCode::RateLimited {
                        self.0.calls.lock().unwrap().entry(request.prompt.to_owned()).or_default().1 += 1;
                    }
                    Err(failure)
                }
            }
        })
    }
}

impl fmt::Debug for Studio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Studio")
    }
}

/// A tiny square picture: its encoding must not be what a run spends its time on.
fn picture(number: u32) -> Drawing {
    let mut dice = fastrand::Rng::with_seed(u64::from(number));
    let image = RgbImage::from_fn(8, 8, |_, _| Rgb([dice.u8(..), dice.u8(..), dice.u8(..)]));
    drawing(&image)
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
