use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::{Client, primitives::ByteStream};
use rustls::pki_types::CertificateDer;

use super::*;
use crate::{
    calls::table_client,
    http::testing::{NOTHING, config, secure_server, server},
};

fn s3(url: &str, attempt: Duration) -> Client {
    let time_out = TimeoutConfig::builder().operation_attempt_timeout(attempt).build();
    Client::new(&config(url, SdkHttp::default()).into_builder().timeout_config(time_out).build())
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

/// One that trusts a root more than the internet's.
fn trusting(root: CertificateDer<'static>) -> SdkHttp {
    let mut roots = toonmill_tls::roots();
    roots.add(root).unwrap();
    SdkHttp(Lazy::from(toonmill_tls::trusting(roots).map(client)))
}

#[tokio::test]
async fn https_is_spoken_with_a_server_of_the_right_name_and_with_no_other() {
    let (port, certificate, mut told) = secure_server("localhost", NOTHING).await;
    let ask = async |host: &str, http| {
        let client = table_client(&config(&format!("https://{host}:{port}"), http));
        client.query().table_name("t").send().await
    };

    ask("localhost", trusting(certificate.clone())).await.unwrap();
    let asked = told.recv().await.unwrap();
    assert!(asked.starts_with("POST / HTTP/1.1\r\n"), "{asked}");

    for (host, http) in [("127.0.0.1", trusting(certificate)), ("localhost", SdkHttp::default())] {
        let error = ask(host, http).await.unwrap_err();
        assert!(format!("{error:?}").contains("InvalidCertificate"), "{error:?}");
    }
    assert!(told.try_recv().is_err(), "nothing was said to it");
}
