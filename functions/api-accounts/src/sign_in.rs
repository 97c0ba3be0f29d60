//! `POST /api/v1/auth/verify-firebase-token`: an ID token of Firebase's for an access token of ours.

use std::error::Error;

use axum::{Json, extract::State};
use serde::Serialize;
use toonmill_cloud::CloudError;
use toonmill_domain::{AccountId, SignIn, User};
use toonmill_http_api::{
    FieldError, JsonBody, Problem, ProblemKind,
    auth::{Signer, TOKEN_LIFETIME},
};

use crate::{
    App,
    firebase::{CertificatesUnavailable, NotAdmitted, Refusal},
    profile::UserView,
};

/// When to try again while Google's certificates cannot be had.
const RETRY_AFTER_SECS: u32 = 5;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    user: UserView,
}

pub(crate) async fn verify(State(app): State<App>, JsonBody(body): JsonBody) -> Result<Json<SignedIn>, Problem> {
    let token = body.get("idToken").and_then(|token| token.as_str()).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Problem::invalid(vec![FieldError::new("/idToken", "must be an ID token")]))?;
    let firebase = app
        .firebase
        .as_ref()
        .ok_or_else(|| Problem::new(ProblemKind::Unavailable, "Nobody can sign in to this deployment."))?;
    let sign_in = firebase.verify(token).await.map_err(refused)?;
    let signer = signer(&app).await?;
    let now = app.clock.now();
    let user = app.table.sign_in(&sign_in, now).await?;
    if !user.was_granted {
        grant(&app, &sign_in).await?;
    }
    let access_token = sign(&signer, &user, &app)?;
    Ok(Json(SignedIn {
        access_token,
        token_type: "Bearer",
        expires_in: TOKEN_LIFETIME.as_secs(),
        user: UserView::of(&user, now),
    }))
}

/// Gives the user's account its sign-up grant, also if an operator opened it. Whatever is repeated or cut off here, the grant is given
/// once: its cause is its key.
async fn grant(app: &App, sign_in: &SignIn) -> Result<(), CloudError> {
    let account: AccountId = sign_in.user.clone().into();
    app.table.sign_up(&account, app.signup_grant, app.clock.now(), &app.edge.ids.token()).await?;
    app.table.note_signup_grant(&sign_in.user).await
}

/// The key that signs, if tokens of it are taken: one that nobody knows would lock everybody out.
async fn signer(app: &App) -> Result<Signer, Problem> {
    let internal = |error: &(dyn Error + 'static)| {
        tracing::error!(error, "tokens cannot be signed");
        Problem::internal()
    };
    let secret = app.signing_key.get().await.map_err(|error| internal(&error))?;
    let Some(secret) = secret else {
        return Err(Problem::new(ProblemKind::Unavailable, "This deployment has no key to sign tokens with."));
    };
    let signer = Signer::from_base64(secret.expose()).map_err(|error| internal(&error))?;
    if app.verifier.takes(&signer) {
        Ok(signer)
    } else {
        tracing::error!(?signer, "the key that signs tokens is not among the public keys");
        Err(Problem::internal())
    }
}

fn sign(signer: &Signer, user: &User, app: &App) -> Result<String, Problem> {
    signer.sign(&user.sign_in.user, user.membership, app.clock.now()).map_err(|error| {
        tracing::error!(error = &error as &dyn Error, "a token was not signed");
        Problem::internal()
    })
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NotAdmitted(why) => Problem::new(ProblemKind::InvalidToken, detail(why)),
        Refusal::Unavailable(error) => unavailable(&error),
    }
}

fn detail(why: NotAdmitted) -> &'static str {
    match why {
        NotAdmitted::Malformed => "The idToken is not a JWT with an RS256 signature and a key id.",
        NotAdmitted::OtherProject => "The idToken was not issued for this deployment's Firebase project.",
        NotAdmitted::Subject => "The idToken has no subject that could be a user's name here.",
        NotAdmitted::UnknownKey => "The idToken's key is not one of Google's.",
        NotAdmitted::Signature => "The idToken's signature is not valid.",
        NotAdmitted::Time => "The idToken has expired, or was issued in the future.",
        NotAdmitted::Anonymous => "Anonymous sign-ins are not admitted.",
    }
}

fn unavailable(error: &CertificatesUnavailable) -> Problem {
    tracing::error!(error = error as &dyn Error, "the certificates of ID tokens cannot be had");
    let detail = "The token cannot be checked at the moment. It is not refused: send it again.";
    Problem::new(ProblemKind::Unavailable, detail).retry_after(RETRY_AFTER_SECS)
}
