//! Who draws and writes: the providers' clients, and the catalogue of what their models can do and cost.
//!
//! A client makes one call and says in one typed value how it ended. It does not retry, wait,
//! look at the table or know what a slot is; what follows an outcome is decided by the table in
//! `toonmill_domain::outcome`. Adding a provider is one file, one variant of [`Kind`] and one
//! folder of recorded answers.

mod base64_field;
pub mod catalogue;
mod detail;
mod draw;
mod gemini;
mod http;
mod openai;
mod registry;
mod schema;
mod secret;
mod seedream;
mod status;
mod write;

pub use catalogue::{Ask, Catalogue, ImageModel, Model, Problem, TextAsk, TextModel};
pub use draw::{DrawFuture, DrawRequest, Drawing, Provider, Reference};
pub use http::{CONNECT_LIMIT, IDLE_LIMIT, USER_AGENT, client as http_client};
pub use registry::{Account, Kind, Providers, Settings, SetupError};
pub use secret::Secret;
/// What the clients count in.
pub use toonmill_domain::Usage;
pub use write::{FinishReason, WriteFuture, WriteRequest, Writer, Writing};
