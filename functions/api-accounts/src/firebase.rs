//! Firebase ID tokens: whose they are, checked as Google's own SDK checks them.
//!
//! The variable by which that SDK turns off its checks (`FIREBASE_AUTH_EMULATOR_HOST`) is read nowhere here.

mod certificates;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation};
use reqwest::Client;
use serde::Deserialize;
use serde_json::Value;
use toonmill_domain::{SignIn, UserId};
use toonmill_flows::Clock;

use certificates::Certificates;
pub(crate) use certificates::CertificatesUnavailable;

const ISSUER: &str = "https://securetoken.google.com/";
/// How far Google's clock and ours may be apart.
const SKEW_SECS: i64 = 10;
/// Of a user's names and addresses.
const LONGEST_CHARS: usize = 1_000;

/// Checks the ID tokens of one project.
#[derive(Debug)]
pub(crate) struct Firebase {
    project: String,
    certificates: Certificates,
    clock: Clock,
}

/// Why a token was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAdmitted {
    Malformed,
    OtherProject,
    Subject,
    UnknownKey,
    Signature,
    Time,
    /// Whoever is nobody would be somebody new, with a grant, at every visit.
    Anonymous,
}

#[derive(Debug)]
pub(crate) enum Refusal {
    NotAdmitted(NotAdmitted),
    /// Whether it is good is not known.
    Unavailable(CertificatesUnavailable),
}

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    aud: Value,
    #[serde(default)]
    iss: Value,
    #[serde(default)]
    sub: Value,
    iat: i64,
    exp: i64,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
    name: Option<String>,
    picture: Option<String>,
    firebase: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    sign_in_provider: Option<String>,
}

impl From<NotAdmitted> for Refusal {
    fn from(why: NotAdmitted) -> Self {
        Self::NotAdmitted(why)
    }
}

impl Firebase {
    pub(crate) fn new(project: String, certificates_url: String, client: Client, clock: Clock) -> Self {
        Self { project, certificates: Certificates::new(certificates_url, client, clock.clone()), clock }
    }

    /// In the order of firebase-admin 7.7 and google-auth 2.62: key id, algorithm, audience, issuer, subject, signature,
    /// times.
    pub(crate) async fn verify(&self, token: &str) -> Result<SignIn, Refusal> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| NotAdmitted::Malformed)?;
        let key_id = header.kid.filter(|_| header.alg == Algorithm::RS256).ok_or(NotAdmitted::Malformed)?;
        let claims = unchecked(token).ok_or(NotAdmitted::Malformed)?;
        // A list of audiences is refused, even if the project is among them.
        if claims.aud != self.project.as_str() || claims.iss != format!("{ISSUER}{}", self.project) {
            return Err(NotAdmitted::OtherProject.into());
        }
        let user: UserId = claims
            .sub
            .as_str()
            // Users of chats are named so here.
            .filter(|sub| !sub.starts_with(UserId::OF_TELEGRAM))
            .and_then(|sub| sub.parse().ok())
            .ok_or(NotAdmitted::Subject)?;
        let key = self.certificates.key(&key_id).await.map_err(Refusal::Unavailable)?;
        let key = key.ok_or(NotAdmitted::UnknownKey)?;
        // The algorithm is ours to say, never the token's. All claims are compared here.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        jsonwebtoken::decode::<Value>(token, &key, &validation).map_err(|_| NotAdmitted::Signature)?;
        let now = self.clock.now().as_secs();
        if claims.iat.saturating_sub(SKEW_SECS) > now || claims.exp.saturating_add(SKEW_SECS) < now {
            return Err(NotAdmitted::Time.into());
        }
        let provider = claims.firebase.as_ref().and_then(|firebase| firebase.sign_in_provider.as_deref());
        if provider == Some("anonymous") {
            return Err(NotAdmitted::Anonymous.into());
        }
        Ok(claims.sign_in(user))
    }
}

impl Claims {
    fn sign_in(self, user: UserId) -> SignIn {
        let short = |text: Option<String>| {
            text.map(|text| text.trim().chars().take(LONGEST_CHARS).collect::<String>()).filter(|text| !text.is_empty())
        };
        let name = short(self.name);
        // One name is told; what stands after the first space is taken for the family's.
        let (first_name, last_name) = match name.as_deref().and_then(|name| name.split_once(char::is_whitespace)) {
            Some((first, last)) => (Some(first.to_owned()), short(Some(last.to_owned()))),
            None => (name, None),
        };
        SignIn {
            user,
            email: short(self.email.filter(|_| self.email_verified)),
            first_name,
            last_name,
            photo_url: short(self.picture),
        }
    }
}

/// The claims of a token whose signature is yet to be checked.
fn unchecked(token: &str) -> Option<Claims> {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}
