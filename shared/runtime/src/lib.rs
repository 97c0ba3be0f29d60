//! What a function is started with: settings, logs, AWS clients, a clock and ids; and how a batch of queue
//! records is run. The only crate that knows Lambda's event types, the environment and the system's clock.

pub mod again;
pub mod batch;
pub mod bot;
mod calls;
pub mod catalogue;
mod http;
pub mod logging;
pub mod metric;
pub mod secrets;
pub mod serve;
pub mod settings;
pub mod start;
pub mod system;
pub mod worker;

pub use settings::{SettingError, Settings};
pub use start::Aws;
