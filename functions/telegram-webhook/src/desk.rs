//! What a chat asks for, as the orders that the API's endpoints take.

use serde_json::{Value, json};
use toonmill_cloud::table::Telling;
use toonmill_domain::{Epoch, FileId, JobKind};
use toonmill_flows::submit::NewJob;
use toonmill_orders::{Ordered, job_of};
use toonmill_plans::{Draft, Making, Records};
use toonmill_telegram::Post;

use crate::{
    refusal::Refused,
    webhook::{Hearing, Said},
};

/// Pictures for the screen of a telephone.
const RATIO: &str = "1:1";
/// The cut that files and history of a chat's pictures are filed under.
const CUT: &str = "telegram";

/// A body, and of which endpoint.
pub(crate) struct Order {
    kind: JobKind,
    body: Value,
    prompt: String,
    /// The upload that the photo of the message became.
    photo: Option<FileId>,
}

impl Order {
    pub(crate) fn draw(prompt: &str, pictures: u8) -> Self {
        let stage = json!({ "prompt": prompt, "aspectRatio": RATIO, "quantity": pictures, "failover": "on_refusal" });
        Self { kind: JobKind::Pipeline, body: json!({ "stages": [stage] }), prompt: prompt.to_owned(), photo: None }
    }

    pub(crate) fn monster(description: &str, pictures: u8) -> Self {
        let body = json!({ "prompt": description, "aspectRatio": RATIO, "cutId": CUT, "count": pictures });
        Self { kind: JobKind::GenerateMonsterImage, body, prompt: description.to_owned(), photo: None }
    }

    /// Its ratio is the picture's own.
    pub(crate) fn regenerate(file: FileId, prompt: &str, pictures: u8) -> Self {
        let body = json!({ "fileId": file, "prompt": prompt, "cutId": CUT, "processId": CUT, "count": pictures });
        Self { kind: JobKind::RegenerateImage, body, prompt: prompt.to_owned(), photo: Some(file) }
    }
}

impl Hearing<'_> {
    /// Opens a job, with the update's id and the message that will show it, in one transaction.
    pub(crate) async fn order(&self, order: Order) -> Said {
        let app = self.app;
        let draft = {
            let new_file = || FileId::new(app.ids.make());
            let making = Making { now: app.clock.now(), new_file: &new_file, records: &Records::default() };
            Draft::of_kind(order.kind, &order.body, making)
        };
        let Ordered { planned, mut uploads } = match app.desk.plan(&self.caller, draft).await {
            Ok(ordered) => ordered,
            Err(problem) => {
                app.desk.take_back(&self.caller.account, order.photo.as_slice()).await;
                return Err(Refused::plan(problem, &order.prompt));
            }
        };
        uploads.extend(order.photo);
        let post = Post::job(self.message.chat, self.message.id, order.prompt, Epoch::FIRST.0);
        let post = self.delivery(&post).map_err(Refused::Failed)?;
        let key = post.key.clone();
        let telling = Telling { update: Some(self.update), post: Some(post) };
        let new = NewJob { telling, ..job_of(planned, &self.caller).map_err(Refused::Failed)? };
        self.opened(app.desk.submit(&app.submitter, new, &uploads).await, &key).await
    }
}
