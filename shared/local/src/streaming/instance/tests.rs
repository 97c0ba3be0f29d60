use futures_util::stream;

use super::*;

/// The runtime API, played to by what `post` sends in answer to its one event.
async fn answered(path: &str, body: Vec<&'static [u8]>) -> Result<Answer> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/2018-06-01/runtime", listener.local_addr().unwrap());
    let (sender, answer) = oneshot::channel();
    let invocation = Invocation { event: Mutex::new(Some(b"{}".to_vec())), answer: Mutex::new(Some(sender)) };
    let router = runtime_api(invocation);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let event = client.get(format!("{url}/invocation/next")).send().await.unwrap();
    assert_eq!(event.headers()["lambda-runtime-aws-request-id"], "local");
    assert_eq!(event.bytes().await.unwrap(), "{}");
    let body = reqwest::Body::wrap_stream(stream::iter(body.into_iter().map(std::io::Result::Ok)));
    let sending = client.post(format!("{url}/{path}")).body(body).send();
    tokio::spawn(async move { assert_eq!(sending.await.unwrap().status(), 202) });
    answer.await.unwrap()
}

#[tokio::test]
async fn a_streamed_answer_is_its_status_its_headers_and_its_body() {
    // The zero bytes come in two pieces.
    let prelude = br#"{"statusCode":418,"headers":{"x-a":"b"},"cookies":[]}"#;
    let pieces: Vec<&[u8]> = vec![prelude, b"\0\0\0\0\0", b"\0\0\0one ", b"two"];
    let mut answer = answered("invocation/local/response", pieces).await.unwrap();
    assert_eq!((answer.status, answer.headers["x-a"].to_str().unwrap()), (StatusCode::IM_A_TEAPOT, "b"));
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunks.recv().await {
        body.extend_from_slice(&chunk.unwrap());
    }
    assert_eq!(body, b"one two");
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_that_says_so() {
    let error = answered("invocation/local/error", vec![b"no table"]).await.unwrap_err().to_string();
    assert!(error.contains("no table"), "{error}");
    let error = answered("invocation/local/response", vec![b"{}"]).await.unwrap_err().to_string();
    assert!(error.contains("no status"), "{error}");
    let error = Instance::run(Command::new("false"), b"{}".to_vec()).await.unwrap_err().to_string();
    assert!(error.contains("its process ended"), "{error}");
}
