//! Who looks: a caller with a token, or whoever has a ticket for this one job.

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use toonmill_domain::{Job, Stage, Timestamp};
use toonmill_http_api::{
    Caller, Params, Problem,
    ticket::{self, BadTicket},
};

use crate::App;

#[derive(Debug)]
pub(crate) enum Viewer {
    Caller(Box<Caller>),
    /// The ticket. What it opens, only the job's own record can say.
    Bearer(String),
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if !parts.headers.contains_key(header::AUTHORIZATION)
            && let Some(ticket) = Params::from_request_parts(parts, app).await?.text(ticket::PARAMETER)
        {
            return Ok(Self::Bearer(ticket.to_owned()));
        }
        Ok(Self::Caller(Box::new(Caller::from_request_parts(parts, app).await?)))
    }
}

impl Viewer {
    /// The job, if it is this viewer's to see. No answer tells whether there is a job that it may not see (TN-1).
    pub(crate) fn admit(&self, found: Option<(Job, Vec<Stage>)>, now: Timestamp) -> Result<(Job, Vec<Stage>), Problem> {
        match self {
            Self::Caller(caller) => {
                found.filter(|(job, _)| job.account == caller.account).ok_or_else(|| Problem::not_found("job"))
            }
            Self::Bearer(ticket) => {
                let (job, stages) = found.ok_or(BadTicket::Invalid)?;
                let key = job.ticket_key.as_deref().ok_or(BadTicket::Invalid)?;
                ticket::check(ticket, key, job.id, now)?;
                Ok((job, stages))
            }
        }
    }
}
