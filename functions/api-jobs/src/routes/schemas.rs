//! The shapes of answers.

use serde_json::{Map, Value};
use toonmill_domain::{JobKind, JobStatus};
use toonmill_http_api::openapi::schema::{
    any, count, flag, list, map, named, number, object, one_of, or_null, text, time, uuid, whole, with,
};

/// Those that more than one endpoint answers with.
pub(super) fn named_ones() -> Map<String, Value> {
    let all = [
        ("Accepted", accepted()),
        ("Held", held()),
        ("Summary", summary()),
        ("Job", job()),
        ("Finding", object([("pointer", text()), ("detail", text())])),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn statuses() -> Value {
    one_of(JobStatus::ALL.map(JobStatus::as_str))
}

/// What every answer about a job carries.
fn head() -> Value {
    object([
        ("id", uuid()),
        ("jobId", uuid()),
        ("kind", one_of(JobKind::ALL.map(JobKind::as_str))),
        ("status", statuses()),
        ("cancelRequested", flag()),
        ("message", text()),
        ("provider?", text()),
        ("modelId?", text()),
        ("arguments?", any()),
        ("productionId?", text()),
        ("statusUrl", text()),
        ("eventsUrl", text()),
        ("startedAt?", time()),
        ("completedAt?", time()),
    ])
}

fn accepted() -> Value {
    with(head(), object([("warnings?", list(&named("Finding")))]))
}

/// The members of the kind's own result stand beside the job's.
fn held() -> Value {
    with(head(), object([("error", any())]))
}

fn summary() -> Value {
    let credits = object([("held", count()), ("captured", count()), ("released", count())]);
    with(head(), object([("credits", credits), ("createdAt", time()), ("updatedAt", time())]))
}

fn job() -> Value {
    let progress = object([
        ("requested", count()),
        ("stored", count()),
        ("inFlight", count()),
        ("missing", count()),
        ("givenUp", count()),
    ]);
    let failure = object([("slot", count()), ("code", text()), ("detail?", text()), ("attempts", count())]);
    let stage = object([
        ("index", count()),
        ("quantity", count()),
        ("stored", count()),
        ("givenUp", count()),
        ("round", count()),
        ("attempts", or_null(&count())),
        ("provider", text()),
        ("modelId", text()),
        ("fileIds", list(&uuid())),
        ("failures", list(&failure)),
    ]);
    let own = object([
        ("revision", count()),
        ("progress", progress),
        ("stages", list(&stage)),
        ("fileIds", list(&uuid())),
        ("result", or_null(&object([]))),
        ("error", or_null(&object([("code", text())]))),
        ("telegram?", object([("chatId", any()), ("messageId", any()), ("prompt", text())])),
        ("statistics", object([("elapsedMs", count()), ("firstPassYield?", number(0.0, 1.0))])),
    ]);
    with(summary(), own)
}

pub(super) fn health() -> Value {
    let state = || one_of(["healthy", "unhealthy", "unknown"]);
    let services = ["table", "queue", "bucket", "providers", "catalogue"].map(|service| (service, state()));
    let services = object(services);
    object([("status", state()), ("timestamp", time()), ("version", text()), ("services", services)])
}

pub(super) fn estimate() -> Value {
    let stage = object([
        ("index", count()),
        ("quantity", count()),
        ("provider", text()),
        ("modelId", text()),
        ("creditsPerSlot", count()),
        ("credits", count()),
        ("providerUsdMicros", count()),
    ]);
    object([
        ("kind", text()),
        ("slots", count()),
        ("credits", count()),
        ("providerUsdMicros", count()),
        ("stages", list(&stage)),
        ("warnings?", list(&named("Finding"))),
    ])
}

pub(super) fn image() -> Value {
    object([
        ("stage", count()),
        ("slot", count()),
        ("fileId", uuid()),
        ("url", text()),
        ("urlExpiresAt", time()),
        ("width", count()),
        ("height", count()),
        ("sizeBytes", count()),
        ("sha256", text()),
        ("mimeType", text()),
        ("provider", text()),
        ("model", text()),
        ("attempt", count()),
        ("elapsedMs", count()),
    ])
}

pub(super) fn receipt() -> Value {
    object([("receipt", object([])), ("algorithm", one_of(["Ed25519"])), ("keyId", text()), ("signature", text())])
}

pub(super) fn character() -> Value {
    object([
        ("id", uuid()),
        ("name", text()),
        ("description", text()),
        ("projectId", or_null(&text())),
        ("createdAt", time()),
    ])
}

pub(super) fn sheet() -> Value {
    object([
        ("sheetId", uuid()),
        ("index", count()),
        ("characterId", uuid()),
        ("jobId", uuid()),
        ("imageUrl", or_null(&text())),
        ("urlExpiresAt", or_null(&time())),
        ("mimeType", or_null(&text())),
        ("provider", text()),
        ("model", text()),
        ("elapsedMs", count()),
        ("createdAt", time()),
    ])
}

pub(super) fn storyboard() -> Value {
    let image = object([("characters", list(&text())), ("unmatchedNames", list(&text()))]);
    let cut = object([("index", count()), ("image", or_null(&image)), ("history", list(&object([])))]);
    object([
        ("storyboardId", uuid()),
        ("status", statuses()),
        ("episodeId", or_null(&text())),
        ("createdAt", time()),
        ("cuts", list(&cut)),
    ])
}

pub(super) fn history() -> Value {
    object([
        ("fileId", uuid()),
        ("jobId", uuid()),
        ("cutId", text()),
        ("processId", or_null(&text())),
        ("prompt", text()),
        ("provider", text()),
        ("model", text()),
        ("elapsedMs", count()),
        ("createdAt", time()),
        ("fileUrl", or_null(&text())),
        ("urlExpiresAt", or_null(&time())),
        ("isTemp", flag()),
        ("expiresAt", or_null(&time())),
    ])
}

pub(super) fn upload() -> Value {
    object([
        ("fileId", uuid()),
        ("uploadUrl", text()),
        ("method", one_of(["PUT"])),
        ("headers", map(&text())),
        ("expiresAt", time()),
        ("fileExpiresAt", time()),
    ])
}

pub(super) fn file() -> Value {
    object([
        ("id", uuid()),
        ("jobId", or_null(&uuid())),
        ("kind", one_of(["text", "image", "video", "file"])),
        ("s3Key", text()),
        ("presignedUrl", or_null(&text())),
        ("textContent?", text()),
        ("urlExpiresAt", or_null(&time())),
        ("mimeType", text()),
        ("sizeBytes", count()),
        ("width", or_null(&whole(1, 1_000_000))),
        ("height", or_null(&whole(1, 1_000_000))),
        ("sha256", or_null(&text())),
        ("isTemp", flag()),
        ("expiresAt", or_null(&time())),
        ("createdAt", time()),
    ])
}
