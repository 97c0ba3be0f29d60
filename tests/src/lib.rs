//! The world that the flow tests play in: the real flows over the real AWS SDK clients, whose HTTP connector is
//! answered inside the process. `DynamoDB` is dynoxide, S3 is s3s over a map, and SQS is a list that the test
//! delivers from as it likes.
//!
//! Nothing is mocked above the wire: conditions, transactions, checksums and signatures are really checked.

#![expect(
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a world that cannot be set up is a test that fails"
)]

pub mod artist;
pub mod author;
mod catalogue;
pub mod dynamo;
mod end;
pub mod internet;
pub mod network;
pub mod next_release;
mod objects;
pub mod orders;
pub mod policy;
pub mod queues;
pub mod recursion;
pub mod rights;
pub mod sim;
mod storage;
pub mod template;
pub mod world;

pub use artist::{Artist, Asked, Order, drawing, picture, picture_of};
pub use author::{Author, writing};
pub use catalogue::catalogue_in_bucket;
pub use internet::{Internet, Page, Received, Then};
pub use network::{Call, Fate, Network};
pub use orders::{again, new_job, stage, stage_that_moves, text};
pub use world::World;
