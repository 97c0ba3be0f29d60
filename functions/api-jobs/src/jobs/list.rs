//! The caller's jobs, newest first.

use std::collections::HashMap;

use axum::{Json, extract::State};
use toonmill_cloud::table::JobRow;
use toonmill_domain::{Job, JobId, JobKind, JobStatus};
use toonmill_http_api::{Caller, Page, Params, Problem, lists};

use crate::{App, view::Summary};

/// Rows that one request looks at, at most: a rare filter ends a page early and leaves a cursor, not a time-out.
const MOST_ROWS: usize = 1_000;
const ROWS_AT_ONCE: i32 = 100;

struct Filter {
    status: Option<JobStatus>,
    kind: Option<JobKind>,
    production: Option<String>,
}

impl Filter {
    const fn is_none(&self) -> bool {
        self.status.is_none() && self.kind.is_none() && self.production.is_none()
    }

    /// What the row of the list knows. The status is known by the job's own record alone.
    fn takes_row(&self, row: &JobRow) -> bool {
        self.kind.is_none_or(|kind| row.kind == kind)
            && self.production.as_ref().is_none_or(|id| row.production_id.as_ref() == Some(id))
    }

    fn takes(&self, job: &Job) -> bool {
        self.status.is_none_or(|status| job.status == status)
    }
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    params: Params,
) -> Result<Json<Page<Summary>>, Problem> {
    let limit = usize::try_from(params.limit()).unwrap_or(1);
    let mut before = params.cursor(|place| place.parse::<JobId>().ok());
    let statuses = JobStatus::ALL.map(JobStatus::as_str).join(", ");
    let kinds = JobKind::ALL.map(JobKind::as_str).join(", ");
    let filter = Filter {
        status: params.named("status", &format!("one of {statuses}"), JobStatus::parse),
        kind: params.named("kind", &format!("one of {kinds}"), JobKind::parse),
        production: params.text("productionId").map(str::to_owned),
    };
    params.finish()?;

    // One row more than fits tells whether there is another page.
    let at_once = if filter.is_none() { i32::try_from(limit + 1).unwrap_or(ROWS_AT_ONCE) } else { ROWS_AT_ONCE };
    let showing = app.showing();
    let (mut data, mut looked_at) = (Vec::new(), 0);
    loop {
        let rows = app.table.list_jobs(&caller.account, before, at_once).await?;
        let is_last = rows.len() < usize::try_from(at_once).unwrap_or(usize::MAX);
        let mut jobs = records(&app, &caller, rows.iter().filter(|row| filter.takes_row(row))).await?;
        for (index, row) in rows.iter().enumerate() {
            if data.len() == limit {
                return Ok(Json(page(data, before)));
            }
            data.extend(
                jobs.remove(&row.job).filter(|job| filter.takes(job)).map(|job| Summary::of(&job, None, showing)),
            );
            before = Some(row.job);
            looked_at += 1;
            let more = !is_last || index + 1 < rows.len();
            if looked_at >= MOST_ROWS && more {
                return Ok(Json(page(data, before)));
            }
        }
        if is_last {
            return Ok(Json(page(data, None)));
        }
    }
}

async fn records<'a>(
    app: &App,
    caller: &Caller,
    rows: impl Iterator<Item = &'a JobRow>,
) -> Result<HashMap<JobId, Job>, Problem> {
    let ids: Vec<_> = rows.map(|row| row.job).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let jobs = app.table.load_job_records(&ids).await?;
    Ok(jobs.into_iter().filter(|job| job.account == caller.account).map(|job| (job.id, job)).collect())
}

fn page(data: Vec<Summary>, after: Option<JobId>) -> Page<Summary> {
    Page { data, next_cursor: after.map(|job| lists::cursor(&job.to_string())) }
}
