//! What each answer of refusal, and each way of not answering, becomes.

use std::{error::Error as _, time::Duration};

use serde_json::{Value, json};
use toonmill_telegram::{
    Bot, ErrorKind, UploadKind,
    bot::{Error, TimeLimits},
};

use crate::server::{Answer, CHAT, Server, bot, picture, recordings, token};

async fn said(answer: Answer) -> Result<i64, Error> {
    let server = Server::start(answer).await;
    let result = server.bot().send_message(&CHAT, "x", None).await;
    assert_eq!(server.received().len(), 1, "one call is one request");
    result
}

async fn kind(answer: Answer) -> ErrorKind {
    said(answer).await.unwrap_err().kind
}

async fn refused(status: u16, description: &str, parameters: Value) -> ErrorKind {
    let body = json!({ "ok": false, "error_code": status, "description": description, "parameters": parameters });
    kind(Answer::json(status, &body)).await
}

fn page(status: u16) -> Answer {
    Answer::Whole(status, "content-type: text/html\r\n".into(), b"<html><title>Bad Gateway</title></html>".into())
}

#[tokio::test]
async fn every_recorded_refusal_has_its_kind() {
    let expected = [
        ("err_400_chat", ErrorKind::Blocked),
        ("err_400_delete", ErrorKind::MessageGone),
        ("err_400_notmodified", ErrorKind::NotModified),
        ("err_400_parse", ErrorKind::BadRequest),
        ("err_400_toolong", ErrorKind::BadRequest),
        ("err_401", ErrorKind::Unauthorized),
        ("err_403_blocked", ErrorKind::Blocked),
        ("err_404", ErrorKind::Unauthorized),
        ("err_409", ErrorKind::BadRequest),
        ("err_413", ErrorKind::TooLarge),
        ("err_429", ErrorKind::RetryAfter(Duration::from_secs(12))),
        ("err_500", ErrorKind::Unavailable),
    ];
    let recorded = recordings().into_iter().filter(|name| name.starts_with("err_"));
    assert_eq!(recorded.count(), expected.len(), "each recording is tested");
    for (name, expected) in expected {
        assert_eq!(kind(Answer::recorded(name)).await, expected, "{name}");
    }
}

#[tokio::test]
async fn words_are_matched_whole() {
    let none = json!({});
    for (words, expected) in [
        ("Bad Request: message to edit not found", ErrorKind::MessageGone),
        ("Bad Request: not enough rights to send text messages to the chat", ErrorKind::Blocked),
        ("Bad Request: have no rights to send a message", ErrorKind::Blocked),
        ("Bad Request: CHAT_WRITE_FORBIDDEN", ErrorKind::Blocked),
        ("Bad Request: there is no text in the message to edit", ErrorKind::BadRequest),
        ("Bad Request: message can't be edited", ErrorKind::BadRequest),
        ("Bad Request: the chat not found message", ErrorKind::BadRequest),
        ("chat not found", ErrorKind::BadRequest),
    ] {
        assert_eq!(refused(400, words, none.clone()).await, expected, "{words}");
    }
    for words in ["Forbidden: user is deactivated", "Forbidden: bot was kicked from the group chat"] {
        assert_eq!(refused(403, words, none.clone()).await, ErrorKind::Blocked, "{words}");
    }
}

#[tokio::test]
async fn a_wait_is_obeyed_wherever_it_is_told() {
    let seconds = |seconds| ErrorKind::RetryAfter(Duration::from_secs(seconds));
    assert_eq!(refused(420, "Flood", json!({ "retry_after": 30 })).await, seconds(30));
    assert_eq!(
        refused(429, "Too Many Requests: retry after 9", json!({})).await,
        ErrorKind::Unavailable,
        "words do not count"
    );
    assert_eq!(kind(page(429)).await, ErrorKind::Unavailable);
    let header = "content-type: text/html\r\nretry-after: 7\r\n".to_owned();
    assert_eq!(kind(Answer::Whole(429, header.clone(), b"<html>".into())).await, seconds(7));
    assert_eq!(kind(Answer::Whole(503, header, b"<html>".into())).await, ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_group_that_has_become_a_supergroup_says_where_it_is() {
    let parameters = json!({ "migrate_to_chat_id": -1_001_234_567_890_i64 });
    let words = "Bad Request: group chat was upgraded to a supergroup chat";
    assert_eq!(refused(400, words, parameters).await, ErrorKind::Migrated(-1_001_234_567_890));
}

#[tokio::test]
async fn who_is_not_telegram_closes_no_chat_and_revokes_no_token() {
    for status in [200, 302, 400, 401, 403, 404, 500, 502, 503, 504] {
        assert_eq!(kind(page(status)).await, ErrorKind::Unavailable, "{status}");
    }
    assert_eq!(kind(page(413)).await, ErrorKind::TooLarge);
    let gateway = json!({ "message": "Forbidden" });
    assert_eq!(kind(Answer::json(403, &gateway)).await, ErrorKind::Unavailable);
    assert_eq!(kind(Answer::json(200, &gateway)).await, ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_refusal_by_a_status_of_success_is_one() {
    let body = json!({ "ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user" });
    assert_eq!(kind(Answer::json(200, &body)).await, ErrorKind::Blocked);
}

#[tokio::test]
async fn what_may_have_been_done_is_told_apart_from_what_was_not() {
    let whole = json!({ "ok": true, "result": { "message_id": 100 } });
    for (name, answer) in [
        ("closed", Answer::Closed),
        ("reset", Answer::Reset),
        ("half", Answer::Half(200, whole.to_string().into_bytes())),
        ("endless", Answer::Endless(None)),
        ("too long", Answer::Endless(Some(usize::MAX / 2))),
        ("no id", Answer::json(200, &json!({ "ok": true, "result": true }))),
    ] {
        let kind = kind(answer).await;
        assert_eq!(kind, ErrorKind::Lost, "{name}");
        assert!(kind.may_have_been_done());
    }
    // Its status says enough.
    assert_eq!(kind(Answer::Half(500, whole.to_string().into_bytes())).await, ErrorKind::Unavailable);

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = bot(&format!("http://{closed}")).get_me().await.unwrap_err();
    assert_eq!((error.kind, error.kind.may_have_been_done()), (ErrorKind::NotSent, false));
}

/// Calls that take too long.
async fn hurried(bot: Bot) -> [ErrorKind; 2] {
    let bot = bot.within(TimeLimits { call: Duration::from_millis(100), transfer: Duration::from_millis(100) });
    let text = bot.send_message(&CHAT, "x", None).await.unwrap_err();
    let picture = bot.send_picture(&CHAT, picture(UploadKind::Photo), "").await.unwrap_err();
    [text.kind, picture.kind]
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_lost() {
    let server = Server::start(Answer::Silence).await;
    assert_eq!(hurried(server.bot()).await, [ErrorKind::Lost; 2]);
}

#[tokio::test]
async fn an_error_names_the_call_and_keeps_what_telegram_said_in_its_source() {
    let error = said(Answer::recorded("err_400_toolong")).await.unwrap_err();
    assert_eq!(error.to_string(), "sendMessage: Telegram refuses the call");
    assert_eq!(error.source().unwrap().to_string(), "status 400: Bad Request: message is too long");
    let error = said(page(502)).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "status 502, and not in Telegram's words");
}

#[tokio::test]
async fn an_album_of_one_or_of_eleven_is_not_sent() {
    let server = Server::start(Answer::Closed).await;
    for number in [0, 1, 11] {
        let uploads = vec![picture(UploadKind::Photo); number];
        let error = server.bot().send_media_group(&CHAT, uploads, "").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadRequest, "{number}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_base_that_is_no_http_url_is_refused() {
    let client = toonmill_providers::http_client().unwrap();
    for base in ["", "localhost:8081", "ftp://localhost", "http://localhost/?a=b", "http://localhost/#a"] {
        assert!(Bot::new(client.clone(), token(), Some(base)).is_err(), "{base}");
    }
    assert_eq!(Bot::new(client, token(), None).unwrap().id(), 123_456);
}
