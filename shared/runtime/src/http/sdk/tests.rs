use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    config::{Credentials, SharedCredentialsProvider},
    primitives::ByteStream,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
    time::timeout,
};

use super::*;

/// Answers each connection in turn, if it has an answer, and tells what was asked. Without one it closes.
async fn server(answers: Vec<Option<&'static str>>) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut asked = Vec::new();
            // The request, up to a pause.
            while let Ok(Ok(1..)) = timeout(Duration::from_millis(300), socket.read_buf(&mut asked)).await {}
            tell.send(String::from_utf8_lossy(&asked).into_owned()).unwrap();
            if let Some(answer) = answer {
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    (url, told)
}

fn s3(url: &str, attempt: Duration) -> Client {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "test")))
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(attempt).build())
        .endpoint_url(url)
        .http_client(LazyClient::default().for_sdk())
        .build();
    Client::new(&config)
}

const STORED: &str = "HTTP/1.1 200 OK\r\netag: \"a\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_call_of_the_sdk_goes_out_as_it_was_signed() {
    let (url, mut told) = server(vec![Some(STORED)]).await;
    let body = ByteStream::from(b"the picture".to_vec());
    let put =
        s3(&url, PATIENCE).put_object().bucket("b").key("accounts/ann/a b+c/%.webp").body(body).send().await.unwrap();
    assert_eq!(put.e_tag(), Some("\"a\""));
    let asked = told.recv().await.unwrap();
    assert!(asked.starts_with("PUT /b/accounts/ann/a%20b%2Bc/%25.webp?x-id=PutObject HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("authorization: AWS4-HMAC-SHA256") && asked.contains("the picture"), "{asked}");
    assert!(asked.contains("user-agent: aws-sdk-rust/"), "{asked}");
}

#[tokio::test]
async fn a_lost_connection_is_tried_again_and_a_fault_of_the_service_too() {
    let busy = "HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (url, mut told) = server(vec![None, Some(busy), Some(STORED)]).await;
    let put = s3(&url, PATIENCE).put_object().bucket("b").key("k").body(ByteStream::from_static(b"x")).send().await;
    assert!(put.is_ok(), "{put:?}");
    for _ in 0..3 {
        assert!(told.recv().await.is_some());
    }
}

#[tokio::test]
async fn nobody_there_is_a_failure_of_the_network() {
    let error = s3("http://127.0.0.1:1", PATIENCE).head_bucket().bucket("b").send().await.unwrap_err();
    assert!(error.as_service_error().is_none() && format!("{error:?}").contains("DispatchFailure"), "{error:?}");
}

#[tokio::test]
async fn a_silent_service_is_cut_by_the_sdks_own_time_out() {
    let (url, _told) = server(vec![None, None, None]).await;
    let error = s3(&url, Duration::from_millis(50)).head_bucket().bucket("b").send().await.unwrap_err();
    assert!(format!("{error:?}").contains("TimeoutError"), "{error:?}");
}
