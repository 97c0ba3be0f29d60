//! CORS: which pages of which origins may call, from an allowlist.

use std::collections::BTreeSet;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

const METHODS: &str = "GET, POST, PUT, DELETE";
const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key, if-none-match, last-event-id, prefer";
const ANSWER_HEADERS: &str = "etag, idempotency-replayed, location, preference-applied, ratelimit, ratelimit-policy, \
                              retry-after, x-request-id";

/// The origins that may call from a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    any: bool,
    listed: BTreeSet<String>,
}

/// Text that is not an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an origin such as https://studio.example")]
pub struct NotAnOrigin(String);

impl Origins {
    /// Reads a list with commas. `*` stands for every origin: tokens are sent by pages on purpose, never by browsers.
    pub fn parse(list: &str) -> Result<Self, NotAnOrigin> {
        let mut origins = Self::default();
        for origin in list.split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
            if origin == "*" {
                origins.any = true;
            } else if is_origin(origin) {
                origins.listed.insert(origin.to_ascii_lowercase());
            } else {
                return Err(NotAnOrigin(origin.to_owned()));
            }
        }
        Ok(origins)
    }

    fn allow(&self, origin: &HeaderValue) -> bool {
        self.any || origin.to_str().is_ok_and(|origin| self.listed.contains(&origin.to_ascii_lowercase()))
    }

    /// The answer to a browser that asks before it sends; none if the request is another.
    pub(crate) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Response> {
        let asks = method == Method::OPTIONS
            && headers.contains_key(header::ORIGIN)
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        asks.then(|| {
            let mut response = StatusCode::NO_CONTENT.into_response();
            if headers.get(header::ORIGIN).is_some_and(|origin| self.allow(origin)) {
                let say = response.headers_mut();
                say.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
                say.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
                say.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
            }
            response
        })
    }

    /// Lets the page that asked read the answer, if its origin is allowed.
    pub(crate) fn mark(&self, origin: Option<&HeaderValue>, answer: &mut HeaderMap) {
        // Whoever caches must not hand one origin's answer to another.
        answer.append(header::VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = origin.filter(|origin| self.allow(origin)) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(ANSWER_HEADERS));
        }
    }
}

fn is_origin(text: &str) -> bool {
    let plain =
        |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.path() == "/" && uri.query().is_none();
    !text.ends_with('/') && text.parse().is_ok_and(|uri| plain(&uri))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_are_taken_into_the_list() {
        let origins = Origins::parse("https://studio.example, http://localhost:5173,").unwrap();
        assert!(origins.allow(&HeaderValue::from_static("http://localhost:5173")));
        assert!(!origins.allow(&HeaderValue::from_static("https://evil.example")));
        assert!(!Origins::parse("").unwrap().allow(&HeaderValue::from_static("https://studio.example")));
        assert!(Origins::parse("*").unwrap().allow(&HeaderValue::from_static("https://any.example")));
        for bad in ["studio.example", "https://studio.example/", "https://studio.example/x", "ftp://studio.example"] {
            assert_eq!(Origins::parse(bad), Err(NotAnOrigin(bad.to_owned())));
        }
    }
}
