//! From a request's body to what to draw: fields, files, models and prices, all checked before anything is paid.
//!
//! Two steps, because files have to be looked up in between and this crate looks nothing up: [`Draft::read`] says
//! which files are needed, [`Draft::finish`] is given them. No problem stops the reading: a request is told
//! everything that is wrong with it at once.

mod batch;
mod draft;
mod findings;
mod kinds;
pub mod letters;
pub mod media;
mod names;
mod options;
mod pictures;
mod pipeline;
mod prompts;
pub mod reader;
mod records;
mod script;
mod single;
mod stage;
pub mod storyboard;
mod text;
mod wish;

pub use draft::{Draft, Planned, Studio};
pub use findings::{Finding, Findings};
pub use kinds::{Making, own_ids, read_own_id};
pub use names::{is_same as is_same_name, mentioned};
pub use options::deadline_of_retry;
pub use pictures::{InlinePicture, LinkedPicture};
pub use records::{Board, Member, Named, Records, Sheet};
pub use single::arguments;
pub use stage::{Inputs, WantedFile};
pub use text::TextLimits;

/// Images of one job, unless the configuration says otherwise.
pub const MAX_IMAGES_PER_JOB: u32 = 5_000;
/// Characters of a prompt.
pub const MAX_PROMPT_CHARS: usize = 4_000;
/// Input pictures of one stage; a model may take fewer.
pub const MAX_INPUTS: usize = 14;
