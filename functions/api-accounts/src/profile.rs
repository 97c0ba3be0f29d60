//! `GET /api/v1/auth/profile`: the caller, the membership, the credits, and what is used of each limit.

use axum::{Json, extract::State};
use serde::Serialize;
use toonmill_cloud::{
    CloudError,
    table::{Account, DayUse, RequestUse},
};
use toonmill_domain::{
    ActiveSet, Credits, Limit, Limits, Membership, SignIn, Tier, Timestamp, User, UserId, limits::Window,
};
use toonmill_http_api::{Caller, Problem};

use crate::App;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    user: UserView,
    membership: MembershipView,
    credits: CreditsView,
    limits: Vec<LimitView>,
}

#[expect(clippy::struct_excessive_bools, reason = "so many yes-or-no facts callers are told of a user")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView {
    /// The Firebase uid.
    username: UserId,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    photo_url: Option<String>,
    membership_type: Tier,
    membership_expires_at: Option<String>,
    /// No user's own provider keys are taken here: all calls are the deployment's.
    has_openai_key: bool,
    has_gemini_key: bool,
    last_login_at: Option<String>,
    is_membership_active: bool,
    can_use_premium_features: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MembershipView {
    r#type: Tier,
    expires_at: Option<String>,
    is_active: bool,
    /// What it is worth now.
    counts_as: Tier,
}

#[derive(Debug, Serialize)]
struct CreditsView {
    balance: Credits,
    held: Credits,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LimitView {
    name: &'static str,
    /// What is counted.
    counts: &'static str,
    limit: u32,
    used: u64,
    /// Null for what is counted as it stands.
    window_seconds: Option<u64>,
    resets_at: Option<String>,
}

pub(crate) async fn show(State(app): State<App>, caller: Caller) -> Result<Json<Profile>, Problem> {
    let now = app.clock.now();
    let requests_of = caller.counted_as();
    let (user, account, day, requests, waits) = futures_util::try_join!(
        app.table.load_user(&caller.user),
        app.table.load_account(&caller.account),
        app.table.load_day_use(&caller.user, now),
        app.table.load_request_use(&requests_of, now),
        app.table.count_waits(&caller.account, now),
    )
    .map_err(|error: CloudError| Problem::from(error))?;
    // Whoever has a token and never signed in (a developer's) has no record.
    let user = user.unwrap_or_else(|| nobody_yet(&caller, now));
    let Membership { tier, expires_at } = user.membership;
    let so_far = Used { account: account.as_ref(), day, requests, waits };
    let limits = app.door.limits().overlaid(&caller.limits);
    Ok(Json(Profile {
        membership: MembershipView {
            r#type: tier,
            expires_at: expires_at.map(Timestamp::to_rfc3339),
            is_active: user.membership.is_active(now),
            counts_as: user.membership.tier_at(now),
        },
        user: UserView::of(&user, now),
        credits: CreditsView {
            balance: account.as_ref().map_or(Credits::ZERO, |account| account.balance),
            held: account.as_ref().map_or(Credits::ZERO, |account| account.held),
        },
        limits: Limit::ALL.iter().map(|limit| LimitView::of(*limit, &limits, &so_far, now)).collect(),
    }))
}

fn nobody_yet(caller: &Caller, now: Timestamp) -> User {
    let user = caller.user.clone();
    User {
        sign_in: SignIn { user, email: None, first_name: None, last_name: None, photo_url: None },
        membership: Membership { tier: caller.tier, expires_at: None },
        created_at: now,
        last_login_at: None,
        was_granted: false,
    }
}

struct Used<'a> {
    account: Option<&'a Account>,
    day: DayUse,
    requests: RequestUse,
    waits: u64,
}

impl Used<'_> {
    fn of(&self, limit: Limit) -> u64 {
        let active = |set: ActiveSet| {
            let count = self.account.map_or(0, |account| account.active_in(set).len());
            u64::try_from(count).unwrap_or(u64::MAX)
        };
        match limit {
            Limit::ActiveJobs => active(ActiveSet::Jobs),
            Limit::ActiveSingleJobs => active(ActiveSet::Singles),
            Limit::ReadsPerMinute => self.requests.reads_this_minute.into(),
            Limit::WritesPerMinute => self.requests.writes_this_minute.into(),
            Limit::WritesPerHour => self.requests.writes_this_hour.into(),
            Limit::Waits => self.waits,
            Limit::JobsPerDay => self.day.jobs,
            Limit::TextTokensPerDay => self.day.text_tokens,
        }
    }
}

impl LimitView {
    fn of(limit: Limit, limits: &Limits, used: &Used<'_>, now: Timestamp) -> Self {
        Self {
            name: limit.name(),
            counts: limit.counts(),
            limit: limits.get(limit),
            used: used.of(limit),
            window_seconds: match limit.window() {
                Window::Standing => None,
                Window::Sliding(length) | Window::Fixed(length) => Some(length.as_secs()),
            },
            resets_at: limit.resets_at(now).map(Timestamp::to_rfc3339),
        }
    }
}

impl UserView {
    pub(crate) fn of(user: &User, now: Timestamp) -> Self {
        let User { sign_in, membership, last_login_at, .. } = user;
        Self {
            username: sign_in.user.clone(),
            email: sign_in.email.clone(),
            first_name: sign_in.first_name.clone(),
            last_name: sign_in.last_name.clone(),
            photo_url: sign_in.photo_url.clone(),
            membership_type: membership.tier,
            membership_expires_at: membership.expires_at.map(Timestamp::to_rfc3339),
            has_openai_key: false,
            has_gemini_key: false,
            last_login_at: last_login_at.map(Timestamp::to_rfc3339),
            is_membership_active: membership.is_active(now),
            can_use_premium_features: membership.tier_at(now) == Tier::Premium,
        }
    }
}
