//! Pictures that users have sent, on their way here.

use serde_json::json;
use toonmill_telegram::{ErrorKind, bot::File, limits::DOWNLOAD_BYTES};

use crate::server::{Answer, SECRET, Server, bot};

fn file() -> File {
    File { path: Some("photos/file_0.jpg".to_owned()), size_bytes: Some(70) }
}

async fn downloaded(file: &File, answer: Answer) -> Result<Vec<u8>, ErrorKind> {
    let server = Server::start(answer).await;
    server.bot().download(file).await.map(Into::into).map_err(|error| error.kind)
}

#[tokio::test]
async fn a_file_is_found_and_downloaded() {
    let server = Server::start(Answer::recorded("getFile_download")).await;
    assert_eq!(server.bot().get_file("AgACFILE").await.unwrap(), file());
    assert_eq!(server.request().body, br#"{"file_id":"AgACFILE"}"#);

    let server = Server::start(Answer::Whole(200, String::new(), b"picture".into())).await;
    assert_eq!(server.bot().download(&file()).await.unwrap(), b"picture".as_slice());
    let head = server.request().head;
    assert!(head.starts_with(&format!("GET /file/bot123456:{SECRET}/photos/file_0.jpg HTTP/1.1\r\n")), "{head}");
}

#[tokio::test]
async fn a_path_leads_nowhere_else() {
    let server = Server::start(Answer::Whole(200, String::new(), Vec::new())).await;
    let path = Some("../../bot1:x/getMe?a=b#c/한".to_owned());
    server.bot().download(&File { path, size_bytes: None }).await.unwrap();
    let head = server.request().head;
    let folder = format!("GET /file/bot123456:{SECRET}/bot1:x/getMe%3Fa=b%23c/%ED%95%9C HTTP/1.1\r\n");
    assert!(head.starts_with(&folder), "{head}");
}

#[tokio::test]
async fn no_more_than_the_limit_is_read() {
    let too_large = Err(ErrorKind::TooLarge);
    let announced = File { size_bytes: Some(DOWNLOAD_BYTES as u64 + 1), ..file() };
    assert_eq!(downloaded(&announced, Answer::Closed).await, too_large);
    for length in [None, Some(DOWNLOAD_BYTES + 1)] {
        assert_eq!(downloaded(&file(), Answer::Endless(length)).await, too_large);
    }
    let most = vec![7; DOWNLOAD_BYTES];
    let whole = downloaded(&file(), Answer::Whole(200, String::new(), most.clone())).await;
    assert!(whole == Ok(most));
    let words = json!({ "ok": false, "error_code": 400, "description": "Bad Request: file is too big" });
    let server = Server::start(Answer::json(400, &words)).await;
    assert_eq!(server.bot().get_file("AgACFILE").await.unwrap_err().kind, ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_file_that_is_gone_says_nothing_of_the_token() {
    assert_eq!(downloaded(&file(), Answer::recorded("err_404")).await, Err(ErrorKind::FileGone));
    assert_eq!(downloaded(&File { path: None, ..file() }, Answer::Closed).await, Err(ErrorKind::FileGone));
    assert_eq!(downloaded(&file(), Answer::recorded("err_401")).await, Err(ErrorKind::Unauthorized));
}

#[tokio::test]
async fn reading_loses_nothing() {
    for answer in [Answer::Closed, Answer::Reset, Answer::Half(200, vec![7; 100]), Answer::recorded("err_500")] {
        assert_eq!(downloaded(&file(), answer).await, Err(ErrorKind::Unavailable));
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = bot(&format!("http://{closed}")).download(&file()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotSent);
}
