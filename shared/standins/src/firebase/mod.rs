//! Google's side of a Firebase sign-in: the certificates, by the address and shape of the real ones, and ID tokens for
//! whoever asks. The key beside this file is in every copy of the source: nothing but a local cloud may trust it.

use std::sync::Arc;

use axum::{
    Json, Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::server::Studio;

/// Where the real certificates are, below the host.
pub const CERTIFICATES: &str = "/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com";
/// The id that the stand-in's certificate has.
pub const KEY_ID: &str = "stand-in-1";
/// The certificate by which its tokens are checked.
pub const CERTIFICATE: &str = include_str!("stand-in.crt.pem");
const KEY: &str = include_str!("stand-in.key.pem");
/// As the real answer says it (seconds).
const MAX_AGE: &str = "public, max-age=19302, must-revalidate, no-transform";

/// Claims that cannot be signed.
#[derive(Debug, thiserror::Error)]
#[error("the claims cannot be signed")]
pub struct NotSigned(#[from] jsonwebtoken::errors::Error);

/// Signs claims as Google signs an ID token's.
pub fn id_token(claims: &Value) -> Result<String, NotSigned> {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(KEY_ID.to_owned());
    Ok(jsonwebtoken::encode(&header, claims, &EncodingKey::from_rsa_pem(KEY.as_bytes())?)?)
}

pub(crate) fn routes() -> Router<Arc<Studio>> {
    Router::new().route(CERTIFICATES, get(certificates)).route("/_control/firebase-token", post(token))
}

async fn certificates() -> Response {
    ([(header::CACHE_CONTROL, MAX_AGE)], Json(json!({ KEY_ID: CERTIFICATE }))).into_response()
}

/// Signs the claims of the body.
async fn token(Json(claims): Json<Value>) -> Response {
    match id_token(&claims) {
        Ok(token) => Json(json!({ "idToken": token })).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
