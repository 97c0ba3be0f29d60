//! A service of AWS's as the tests of what calls it need one.

use std::{sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

use super::SdkHttp;

/// The answer of a service that speaks JSON and has nothing to say.
pub(crate) const NOTHING: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

/// What a service was asked, request by request.
pub(crate) type Told = mpsc::UnboundedReceiver<String>;

/// Answers each connection in turn, if it has an answer, and tells what was asked. Without one it closes.
pub(crate) async fn server(answers: Vec<Option<&'static str>>) -> (String, Told) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (socket, _) = listener.accept().await.unwrap();
            tell.send(answered(socket, answer).await).unwrap();
        }
    });
    (url, told)
}

/// One of https, with a certificate of this name, that gives everybody who agrees to speak with it the same answer.
pub(crate) async fn secure_server(name: &str, answer: &'static str) -> (u16, CertificateDer<'static>, Told) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            if let Ok(socket) = acceptor.accept(socket).await {
                tell.send(answered(socket, Some(answer)).await).unwrap();
            }
        }
    });
    (port, cert.der().clone(), told)
}

/// The request of a connection, up to a pause, once it has its answer.
async fn answered(mut socket: impl AsyncRead + AsyncWrite + Unpin, answer: Option<&str>) -> String {
    let mut asked = Vec::new();
    while let Ok(Ok(1..)) = timeout(Duration::from_millis(300), socket.read_buf(&mut asked)).await {}
    if let Some(answer) = answer {
        socket.write_all(answer.as_bytes()).await.unwrap();
        socket.flush().await.unwrap();
    }
    String::from_utf8_lossy(&asked).into_owned()
}

/// What calls the service by this client.
pub(crate) fn config(url: &str, http: SdkHttp) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "test")))
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .endpoint_url(url)
        .http_client(http.shared())
        .build()
}
