//! Answers with a link in place of the picture, whatever was asked for.

use std::time::Duration;

use serde_json::json;
use toonmill_domain::{Failure, FailureCode};
use toonmill_providers::Kind;

use crate::server::{Answer, KEY, Server, Sketch, answered, pixel};

/// The link of the recorded answers has such a query.
const PATH: &str = "/seedream-4-5/0_0.jpeg?X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Signature=00%2f+a";

async fn drawn_from(host: Answer) -> (Result<toonmill_providers::Drawing, Failure>, Server) {
    let host = Server::start(host).await;
    let link = format!("{}{PATH}", host.url);
    let answer = Answer::json(200, &json!({ "data": [{ "url": link, "size": "2048x2048" }] }));
    let api = Server::start(answer).await;
    let sketch = Sketch { time_limit: Duration::from_secs(2), ..Sketch::by(Kind::Seedream) };
    (sketch.draw(&api.providers()).await, host)
}

#[tokio::test]
async fn a_link_is_fetched_at_once_as_it_stands_and_without_the_key() {
    let (drawing, host) = drawn_from(Answer::Whole(200, String::new(), pixel().to_vec())).await;
    assert_eq!(drawing.unwrap().bytes, pixel());
    let [request] = host.received().try_into().unwrap();
    assert!(request.head.starts_with(&format!("GET {PATH} HTTP/1.1\r\n")), "{}", request.head);
    assert!(!request.head.contains(KEY) && !request.head.contains("authorization"));
}

#[tokio::test]
async fn a_link_that_leads_nowhere_may_have_been_paid() {
    let cases = [
        (Answer::Whole(403, String::new(), Vec::new()), FailureCode::InvalidImage, "the link answered 403"),
        (Answer::Closed, FailureCode::TimedOut, "the link: connection lost"),
        (Answer::Half(pixel().to_vec()), FailureCode::TimedOut, "the link: the answer was cut short"),
        (Answer::Silence, FailureCode::TimedOut, "the link: no answer in time"),
    ];
    for (host, code, detail) in cases {
        assert!(code.policy().maybe_paid);
        assert_eq!(drawn_from(host).await.0, Err(Failure::new(code).detail(detail)));
    }
}

#[tokio::test]
async fn only_links_of_the_web_are_followed() {
    for link in ["file:///etc/passwd", "data:image/png;base64,AAAA", "../x", ""] {
        let answer = Answer::json(200, &json!({ "data": [{ "url": link }] }));
        let expected = Failure::new(FailureCode::InvalidImage).detail("the link is not one of https");
        assert_eq!(answered(Kind::Seedream, answer).await, Err(expected), "{link}");
    }
}
