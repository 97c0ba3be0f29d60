//! Input pictures as they are sent: turned upright, in sRGB and shrunk to what the model takes, once.
//!
//! A warm worker keeps them, and the bucket keeps what was made of them, so that fifty slots that draw from one photograph
//! shrink it once. What the bucket keeps may go at any time, as the rule of the bucket has it: it is made again.

use std::{collections::VecDeque, sync::Mutex};

use bytes::Bytes;
use toonmill_cloud::{Blobs, CloudError};
use toonmill_domain::{AccountId, Failure, FailureCode, FileId, InputImage, sha256::hex_of};
use toonmill_imaging::{ImageProblem, prepare_input};
use toonmill_providers::{ImageModel, Reference};

use super::{caches::lock, storage_failure};

/// Input pictures kept, in bytes. A worker has little memory, and the encoder needs most of it.
const KEPT_BYTES: usize = 16 << 20;
const PREPARED_TYPE: &str = "image/webp";
/// A prepared picture of 2048x2048 has a tenth of this.
const PREPARED_LIMIT_BYTES: u64 = 32 << 20;

/// What a warm worker keeps of inputs.
#[derive(Debug, Default)]
pub(super) struct InputCache {
    kept: Mutex<VecDeque<(Form, Bytes)>>,
    /// One picture at a time is read and prepared: whoever needs the same finds it kept, and the memory is that of one.
    reading: futures_util::lock::Mutex<()>,
}

/// A content, and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Form {
    sha256: String,
    /// The longest side that it may have; none as it is.
    longest_side: Option<u32>,
}

impl InputCache {
    /// An input, as this model takes it. `number` is its place among the slot's inputs, from 1 on: a failure tells it.
    pub(super) async fn reference(
        &self,
        blobs: &Blobs,
        account: &AccountId,
        (number, input): (usize, &InputImage),
        model: &ImageModel,
    ) -> Result<Reference, Failure> {
        let longest_side = (!model.takes_as_it_is(input)).then_some(model.max_reference_side);
        let form = Form { sha256: input.sha256.clone(), longest_side };
        let mime_type = if longest_side.is_some() { PREPARED_TYPE } else { &input.mime_type }.to_owned();
        if let Some(bytes) = self.find(&form) {
            return Ok(Reference { mime_type, bytes });
        }
        let _reading = self.reading.lock().await;
        if let Some(bytes) = self.find(&form) {
            return Ok(Reference { mime_type, bytes });
        }
        let bytes = match longest_side {
            Some(side) => prepared(blobs, account, (number, input), side).await?,
            None => read(blobs, input).await.map_err(|error| storage_failure(&error))?,
        };
        self.keep(form, bytes.clone());
        Ok(Reference { mime_type, bytes })
    }

    fn find(&self, form: &Form) -> Option<Bytes> {
        lock(&self.kept).iter().find(|(kept, _)| kept == form).map(|(_, bytes)| bytes.clone())
    }

    fn keep(&self, form: Form, bytes: Bytes) {
        let mut kept = lock(&self.kept);
        kept.push_back((form, bytes));
        while kept.len() > 1 && kept.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > KEPT_BYTES {
            kept.pop_front();
        }
    }
}

/// An object never changes under its key.
async fn read(blobs: &Blobs, input: &InputImage) -> Result<Bytes, CloudError> {
    blobs.get(&input.object_key, input.size_bytes).await.map(Bytes::from)
}

/// The picture upright and shrunk: as somebody left it in the bucket, or made now and left there.
async fn prepared(
    blobs: &Blobs,
    account: &AccountId,
    (number, input): (usize, &InputImage),
    side: u32,
) -> Result<Bytes, Failure> {
    let key = prepared_key(account, &input.sha256, side);
    match blobs.get(&key, PREPARED_LIMIT_BYTES).await {
        Ok(bytes) => return Ok(bytes.into()),
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(storage_failure(&error)),
    }
    let original = read(blobs, input).await.map_err(|error| storage_failure(&error))?;
    let bytes = prepare_input(original, side).map_err(|problem| {
        // Another try would read the same bytes.
        Failure::new(FailureCode::BadRequest).detail(unusable(number, input, problem))
    })?;
    // Two workers may make it at once: they put the same bytes.
    if let Err(error) = blobs.put(&key, PREPARED_TYPE, &hex_of(&bytes), bytes.clone()).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a prepared input could not be kept for others");
    }
    Ok(bytes)
}

/// Which input cannot be used, and why. An upload's object has the file's id for its name.
fn unusable(number: usize, input: &InputImage, problem: ImageProblem) -> String {
    let name = input.object_key.rsplit('/').next().and_then(|name| name.split('.').next());
    let file = name.and_then(|name| name.parse::<FileId>().ok()).map(|file| format!(", file {file},"));
    format!("input picture {number}{} is not usable: {problem}", file.unwrap_or_default())
}

/// Under a prefix that the bucket's own rule empties: nothing else knows of these objects. An account's are its own, though
/// their content is the name.
fn prepared_key(account: &AccountId, sha256: &str, side: u32) -> String {
    format!("prepared/{account}/{sha256}-{side}.webp")
}
