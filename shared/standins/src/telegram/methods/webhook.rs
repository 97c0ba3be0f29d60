//! How a bot gets its updates.

use serde_json::{Value, json};
use url::Url;

use super::{Order, done};
use crate::telegram::{
    limits::{CONNECTIONS, SECRET, WEBHOOK_PORTS},
    state::Webhook,
    wire::ApiError,
};

pub(super) fn set(order: &mut Order<'_>) -> Result<Value, ApiError> {
    let fields = order.fields;
    let url = fields.text("url").unwrap_or_default();
    if url.is_empty() {
        return Ok(delete(order));
    }
    check_url(&url)?;
    let secret = fields.text("secret_token").filter(|secret| !secret.is_empty());
    if let Some(secret) = &secret {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        if secret.len() > SECRET {
            return Err(ApiError::bad("secret token is too long"));
        }
        if !secret.chars().all(allowed) {
            return Err(ApiError::bad("secret token contains unallowed characters"));
        }
    }
    let connections = fields.integer("max_connections")?.map(|connections| connections.clamp(1, CONNECTIONS.0));
    let outbox = &mut order.bot.outbox;
    // A list that is not said stays as it was.
    let allowed = fields.parsed("allowed_updates")?.unwrap_or_else(|| std::mem::take(&mut outbox.webhook.allowed));
    if fields.flag("drop_pending_updates") {
        outbox.drop_all();
    }
    let secret = secret.map(std::borrow::Cow::into_owned);
    outbox.webhook = Webhook { url: url.into_owned(), secret, connections, allowed, last_error: None };
    Ok(done())
}

fn check_url(url: &str) -> Result<(), ApiError> {
    let bad = |why: &str| ApiError::bad(format!("bad webhook: {why}"));
    let url = Url::parse(url).map_err(|_| bad("invalid webhook URL specified"))?;
    if is_here(&url) {
        return Ok(());
    }
    if url.scheme() != "https" {
        return Err(bad("An HTTPS URL must be provided for webhook"));
    }
    match url.port_or_known_default() {
        Some(port) if WEBHOOK_PORTS.contains(&port) => Ok(()),
        _ => Err(bad("Webhook can be set up only on ports 80, 88, 443 or 8443")),
    }
}

/// Whether an address is on this machine. Telegram refuses those; here they are the only ones that anything is sent to.
pub(in crate::telegram) fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

pub(super) fn delete(order: &mut Order<'_>) -> Value {
    let outbox = &mut order.bot.outbox;
    outbox.webhook = Webhook { allowed: std::mem::take(&mut outbox.webhook.allowed), ..Webhook::default() };
    if order.fields.flag("drop_pending_updates") {
        outbox.drop_all();
    }
    done()
}

pub(super) fn info(order: &Order<'_>) -> Value {
    let outbox = &order.bot.outbox;
    let Webhook { url, connections, allowed, last_error, .. } = &outbox.webhook;
    let mut info = serde_json::Map::new();
    info.insert("url".into(), json!(url));
    info.insert("has_custom_certificate".into(), json!(false));
    info.insert("pending_update_count".into(), json!(outbox.len()));
    if !url.is_empty() {
        info.insert("max_connections".into(), json!(connections.unwrap_or(CONNECTIONS.1)));
        info.insert("ip_address".into(), json!("127.0.0.1"));
    }
    if let Some((date, message)) = last_error {
        info.insert("last_error_date".into(), json!(date));
        info.insert("last_error_message".into(), json!(message));
    }
    if !allowed.is_empty() {
        info.insert("allowed_updates".into(), json!(allowed));
    }
    Value::Object(info)
}

/// Answers at once: nobody is kept waiting for updates to come.
pub(super) fn updates(order: &mut Order<'_>) -> Result<Value, ApiError> {
    let (fields, outbox) = (order.fields, &mut order.bot.outbox);
    if !outbox.webhook.url.is_empty() {
        return Err(ApiError::usual(409));
    }
    if let Some(offset) = fields.integer("offset")? {
        outbox.confirm(offset);
    }
    if let Some(allowed) = fields.parsed("allowed_updates")? {
        outbox.webhook.allowed = allowed;
    }
    let count = fields.integer("limit")?.unwrap_or(100).clamp(1, 100);
    Ok(outbox.first(usize::try_from(count).unwrap_or(100)).into())
}
