//! `GET /api/v1/jobs` and `GET /api/v1/jobs/{id}`.

mod list;

use std::time::Duration;

use axum::{
    Extension, Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use toonmill_domain::{Job, JobKind, Stage, WorkKind};
use toonmill_http_api::{Arrival, Caller, Params, Problem};

pub(crate) use list::list;

use crate::{
    App,
    app::job_id,
    view::{Details, ImageData, JobView},
    watch::{until, watch},
};

/// A job as it is; or, if the caller knows a revision and would wait, as it is once there is a newer one.
pub(crate) async fn one(
    State(app): State<App>,
    caller: Caller,
    Extension(arrival): Extension<Arrival>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = job_id(&id)?;
    // Longer waits are shortened, not refused.
    let wait = params.number("wait", 0, u64::from(u32::MAX)).unwrap_or(0);
    let after = params.number("after", 0, u64::MAX);
    let data = params.named("include", "imageData", |text| (text == "imageData").then_some(ImageData::Included));
    params.finish()?;
    let wait = after.map_or(Duration::ZERO, |_| Duration::from_secs(wait));
    // A job that has ended has no newer revision to wait for.
    let news = |job: &Job, stages: &[Stage]| {
        job.status.is_terminal() || after.is_none_or(|after| job.revision(stages) > after)
    };
    let (job, stages) = watch(&app, &caller, id, until(&arrival, wait), news).await?;
    answer(&app, &job, &stages, data.unwrap_or(ImageData::LeftOut), &headers).await
}

async fn answer(
    app: &App,
    job: &Job,
    stages: &[Stage],
    data: ImageData,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    // Weak, because links and elapsed times differ from one reading of the same revision to the next.
    let tag = format!("W/\"{}-{}\"", job.id, job.revision(stages));
    // The result of a job that drew one stage has links in it, which a 304 would let run out. A pipeline's has ids only.
    let may_be_unchanged =
        !job.status.is_terminal() || job.kind == JobKind::Pipeline || job.kind.work() == WorkKind::Text;
    if may_be_unchanged && is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let details = Details::load(app, job, stages, data).await?;
    let view = JobView::of(job, stages, details, app.showing());
    Ok(([(header::ETAG, tag)], Json(view)).into_response())
}

/// `If-None-Match`, by weak comparison (RFC 9110, 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_in_any_place_of_the_list_weak_or_not() {
        let known = |value: &str| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, value.parse().unwrap())]);
            is_known(&headers, "W/\"a-1\"")
        };
        assert!(known("W/\"a-1\"") && known("\"x\", \"a-1\"") && known("*"));
        assert!(!known("\"a-2\"") && !known("a-1"));
    }
}
