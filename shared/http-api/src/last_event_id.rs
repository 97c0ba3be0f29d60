//! How far a client of a stream of events is (WHATWG HTML, 9.2.4): as its browser says in a header, or else as it says
//! itself in a parameter.

use http::HeaderMap;

use crate::Params;

/// The query parameter, for clients that cannot set the header.
pub const PARAMETER: &str = "lastEventId";
const HEADER: &str = "last-event-id";

/// The id of the last event that the client has. It is text of the client's, and may be no id.
pub fn last_event_id<'a>(headers: &'a HeaderMap, params: &'a Params) -> Option<&'a str> {
    // Also where the header goes before: one that is given twice is told.
    let of_parameter = params.text(PARAMETER);
    match headers.get(HEADER) {
        Some(value) => value.to_str().ok(),
        None => of_parameter,
    }
}
