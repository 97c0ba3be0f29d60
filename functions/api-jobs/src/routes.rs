//! Every endpoint of this API, each declared once: its route, and what the `OpenAPI` document says of it.

mod bodies;
mod schemas;

use http::{Method, StatusCode};
use toonmill_domain::{JobKind, JobStatus};
use toonmill_http_api::openapi::{
    Operation, Routes,
    schema::{count, flag, list, named, object, one_of, page, text, texts, uuid},
};

use crate::{
    App, cancel, characters, estimate, file_list,
    files::{self, KINDS},
    health, history, images, jobs, openapi, problems, receipt, retry, save, sheets, storyboards,
    submit::{self, JOBS, path_of},
    uploads,
};

/// All of them.
pub fn routes() -> Routes<App> {
    let routes = about_jobs(of_webtoons(Routes::default()));
    about_files(about_records(routes))
        .get(
            "/api/v1/health",
            || {
                Operation::new("health", "Whether what this API stands on answers.").open().answers(
                    StatusCode::OK,
                    "How it stands.",
                    schemas::health(),
                )
            },
            health::check,
        )
        .get(
            "/openapi.json",
            || {
                Operation::new("openapi", "This document.").open().answers(
                    StatusCode::OK,
                    "The document.",
                    object([("openapi", text())]),
                )
            },
            openapi::document,
        )
        .get(
            "/problems/{slug}",
            || {
                Operation::new("problem", "What a problem's type points to.").open().answers_text(
                    StatusCode::OK,
                    "The page.",
                    "text/markdown",
                )
            },
            problems::page,
        )
}

/// A POST that makes a job or opens one again: answered when it is taken, or held until it has ended.
fn spends(id: &str, does: &'static str) -> Operation {
    Operation::new(id, does)
        .header("Idempotency-Key", texts(1, 255))
        .header("Prefer", text())
        .answers(StatusCode::OK, "The result, if the answer was held until the job ended.", named("Held"))
        .with(StatusCode::OK, "Location")
        .with(StatusCode::OK, "Preference-Applied")
        .answers(StatusCode::ACCEPTED, "The job was taken.", named("Accepted"))
        .with(StatusCode::ACCEPTED, "Location")
        .with(StatusCode::ACCEPTED, "Idempotency-Replayed")
        .leads_to(StatusCode::ACCEPTED, "/jobId", ["job", "jobEvents", "jobImages", "receipt", "cancelJob", "retryJob"])
        .refuses([StatusCode::BAD_REQUEST, StatusCode::PAYMENT_REQUIRED, StatusCode::UNPROCESSABLE_ENTITY])
}

fn of_webtoons(routes: Routes<App>) -> Routes<App> {
    JobKind::WEBTOON.into_iter().fold(routes, |routes, kind| {
        let does = move || {
            let operation = spends(kind.as_str(), "Makes a job of one of the webtoon's kinds.");
            if submit::may_say_nothing(kind) {
                operation.optional_body(&bodies::of(kind))
            } else {
                operation.body(bodies::of(kind))
            }
        };
        routes.add(Method::POST, path_of(kind), does, submit::endpoint(kind))
    })
}

fn about_jobs(routes: Routes<App>) -> Routes<App> {
    let one = "/api/v1/jobs/{id}";
    routes
        .get(
            JOBS,
            || {
                Operation::new("listJobs", "The caller's jobs, newest first.")
                    .paged()
                    .query("status", one_of(JobStatus::ALL.map(JobStatus::as_str)))
                    .query("kind", one_of(JobKind::ALL.map(JobKind::as_str)))
                    .query("productionId", text())
                    .answers(StatusCode::OK, "A page of them.", page(&named("Summary")))
            },
            jobs::list,
        )
        .add(
            Method::POST,
            JOBS.to_owned(),
            || spends("submitJob", "Makes a pipeline, or a single call.").body(bodies::job()),
            submit::endpoint(JobKind::Pipeline),
        )
        .post(
            "/api/v1/jobs/estimate",
            || {
                Operation::new("estimateJob", "What a job would cost; it is not made.").body(bodies::job()).answers(
                    StatusCode::OK,
                    "The cost, at most.",
                    schemas::estimate(),
                )
            },
            estimate::estimate,
        )
        .get(
            one,
            || {
                Operation::new("job", "A job as it is, or once it is newer than a revision.")
                    .query("wait", count())
                    .query("after", count())
                    .query("include", one_of(["imageData"]))
                    .header("If-None-Match", text())
                    .answers(StatusCode::OK, "The job.", named("Job"))
                    .with(StatusCode::OK, "ETag")
                    .answers_without_body(StatusCode::NOT_MODIFIED, "It is as it was.")
            },
            jobs::one,
        )
        .get(
            "/api/v1/jobs/{id}/images",
            || {
                Operation::new("jobImages", "A job's images, in stage, then slot order.").paged().answers(
                    StatusCode::OK,
                    "A page of them.",
                    page(&schemas::image()),
                )
            },
            images::list,
        )
        .get(
            "/api/v1/jobs/{id}/receipt",
            || {
                Operation::new("receipt", "Signed proof of what was delivered and charged.")
                    .refuses([StatusCode::CONFLICT])
                    .answers(StatusCode::OK, "The receipt.", schemas::receipt())
            },
            receipt::one,
        )
        .get(
            "/.well-known/toonmill-keys.json",
            || {
                Operation::new("receiptKeys", "The public keys of receipts.").open().answers(
                    StatusCode::OK,
                    "A JSON Web Key Set.",
                    object([("keys", list(&object([])))]),
                )
            },
            receipt::keys,
        )
        .post(
            "/api/v1/jobs/{id}/cancel",
            || {
                Operation::new("cancelJob", "Asks for a job to be cancelled.").refuses([StatusCode::CONFLICT]).answers(
                    StatusCode::ACCEPTED,
                    "It was asked for.",
                    named("Summary"),
                )
            },
            cancel::cancel,
        )
        .post(
            "/api/v1/jobs/{id}/retry",
            || {
                spends("retryJob", "Opens an ended job again for what it lacks, at most 19 times.")
                    .refuses([StatusCode::CONFLICT])
                    .optional_body(&bodies::retry())
            },
            retry::retry,
        )
}

fn about_records(routes: Routes<App>) -> Routes<App> {
    routes
        .get(
            "/api/characters",
            || {
                Operation::new("listCharacters", "The caller's characters, newest first.")
                    .paged()
                    .query("projectId", text())
                    .answers(StatusCode::OK, "A page of them.", page(&schemas::character()))
            },
            characters::list,
        )
        .post(
            "/api/characters",
            || {
                Operation::new("createCharacter", "Keeps a character.")
                    .body(bodies::character())
                    .answers(StatusCode::CREATED, "It is kept.", schemas::character())
                    .leads_to(StatusCode::CREATED, "/id", ["character", "characterSheets", "generate-character-image"])
                    .with(StatusCode::CREATED, "Location")
            },
            characters::create,
        )
        .get(
            "/api/characters/{id}",
            || {
                Operation::new("character", "A character.").answers(
                    StatusCode::OK,
                    "The character.",
                    schemas::character(),
                )
            },
            characters::one,
        )
        .get(
            "/api/characters/{id}/sheets",
            || {
                Operation::new("characterSheets", "A character's sheets, newest first.").paged().answers(
                    StatusCode::OK,
                    "A page of them.",
                    page(&schemas::sheet()),
                )
            },
            sheets::list,
        )
        .get(
            "/api/storyboards/{id}",
            || {
                Operation::new("storyboard", "A storyboard's cuts with their images.").answers(
                    StatusCode::OK,
                    "The storyboard.",
                    schemas::storyboard(),
                )
            },
            storyboards::one,
        )
        .get(
            "/api/regenerate-image-history",
            || {
                Operation::new("regenerateImageHistory", "What was drawn for cuts, newest first.")
                    .paged()
                    .query("cutId", text())
                    .answers(StatusCode::OK, "A page of it.", page(&schemas::history()))
            },
            history::list,
        )
}

fn about_files(routes: Routes<App>) -> Routes<App> {
    let file = "/api/v1/files/{id}";
    routes
        .post(
            "/api/regenerate-image-save",
            || {
                Operation::new("saveImages", "Keeps temporary files for good.").body(bodies::save()).answers(
                    StatusCode::OK,
                    "Which are kept.",
                    object([("saved", list(&uuid())), ("missing", list(&uuid()))]),
                )
            },
            save::save,
        )
        .post(
            "/api/v1/uploads",
            || {
                Operation::new("beginUpload", "Makes a place for a file.")
                    .body(bodies::upload())
                    .answers(StatusCode::CREATED, "Where it is to be put.", schemas::upload())
                    .leads_to(StatusCode::CREATED, "/fileId", ["file", "deleteFile"])
                    .with(StatusCode::CREATED, "Location")
            },
            uploads::begin,
        )
        .get(
            "/api/v1/files",
            || {
                Operation::new("listFiles", "The caller's files, newest first.")
                    .paged()
                    .query("kind", one_of(KINDS))
                    .query("isTemp", flag())
                    .answers(StatusCode::OK, "A page of them.", page(&schemas::file()))
            },
            file_list::list,
        )
        .get(
            file,
            || {
                Operation::new("file", "A file, with a link for an hour.").answers(
                    StatusCode::OK,
                    "The file.",
                    schemas::file(),
                )
            },
            files::one,
        )
        .delete(
            file,
            || {
                Operation::new("deleteFile", "Removes a file for good.")
                    .answers_without_body(StatusCode::NO_CONTENT, "It is gone.")
            },
            files::remove,
        )
}

/// What the document names.
pub fn schemas() -> serde_json::Map<String, serde_json::Value> {
    schemas::named_ones()
}
