//! What a chat asks for, as the orders that the API's endpoints take.

use serde_json::{Value, json};
use toonmill_cloud::table::Telling;
use toonmill_domain::{Epoch, FileId, JobKind};
use toonmill_flows::submit::NewJob;
use toonmill_orders::job_of;
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
}

impl Order {
    pub(crate) fn draw(prompt: &str, pictures: u8) -> Self {
        let stage = json!({ "prompt": prompt, "aspectRatio": RATIO, "quantity": pictures, "failover": "on_refusal" });
        Self { kind: JobKind::Pipeline, body: json!({ "stages": [stage] }), prompt: prompt.to_owned() }
    }

    pub(crate) fn monster(description: &str, pictures: u8) -> Self {
        let body = json!({ "prompt": description, "aspectRatio": RATIO, "cutId": CUT, "count": pictures });
        Self { kind: JobKind::GenerateMonsterImage, body, prompt: description.to_owned() }
    }

    /// Its ratio is the picture's own.
    pub(crate) fn regenerate(file: FileId, prompt: &str, pictures: u8) -> Self {
        let body = json!({ "fileId": file, "prompt": prompt, "cutId": CUT, "processId": CUT, "count": pictures });
        Self { kind: JobKind::RegenerateImage, body, prompt: prompt.to_owned() }
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
        let planned =
            app.desk.plan(&self.caller, draft).await.map_err(|problem| Refused::plan(problem, &order.prompt))?;
        let post = Post::job(self.message.chat, self.message.id, order.prompt, Epoch::FIRST.0);
        let post = self.delivery(&post).map_err(Refused::Failed)?;
        let key = post.key.clone();
        let telling = Telling { update: Some(self.update), post: Some(post) };
        let new = NewJob { telling, ..job_of(planned, &self.caller).map_err(Refused::Failed)? };
        self.opened(app.submitter.submit(new).await, &key).await
    }
}
