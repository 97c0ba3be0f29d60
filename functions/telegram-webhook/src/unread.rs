//! What the bot does not read: its sender is told in one line what the bot can do, once a day in a chat.

use std::time::Duration;

use toonmill_cloud::table::UpdateRecord;
use toonmill_domain::UserId;
use toonmill_http_api::Problem;
use toonmill_telegram::{Post, Saying, Unread};

use crate::{
    App,
    webhook::{delivery_of, ring, us},
};

/// How long a hint holds in a chat.
const HINT_HOLDS: Duration = Duration::from_hours(24);

/// Writes down what is to be said, if the chat was not told in the last day. It opens no account and costs nothing.
pub(crate) async fn tell(app: &App, update: UpdateRecord, unread: &Unread) -> Result<(), Problem> {
    let now = app.clock.now();
    if !us(app).await?.are_meant_by(unread) || app.table.has_hint(unread.chat.id, now).await? {
        tracing::info!(update.id = update.0, kind = ?unread.kind, "an update is not read");
        return Ok(());
    }
    let text = Saying::Unread(unread.kind).text(unread.chat.language);
    let post = Post::answer(unread.chat, unread.message, text);
    let delivery = delivery_of(app, UserId::of_telegram(unread.user).into(), &post)?;
    let (until, token) = (now.plus(HINT_HOLDS), app.ids.token());
    if app.table.give_hint(update, unread.chat.id, until, &delivery, now, &token).await? {
        ring(app, &delivery.key).await;
    }
    Ok(())
}
