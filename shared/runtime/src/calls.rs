//! Clients of the table and of the queues, whose calls are many and small.

use aws_config::SdkConfig;
use aws_runtime::{
    invocation_id::InvocationIdInterceptor, request_info::RequestInfoInterceptor, user_agent::UserAgentInterceptor,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeSerializationInterceptorContextRef, disable_interceptor},
        stalled_stream_protection::StalledStreamProtectionConfig,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// Leaves out the headers in which the SDK tells of itself: composed and signed anew for each call, they are a tenth of what
/// one takes. The client's own `user-agent` names the program, and its version, in their place.
#[derive(Debug)]
struct NothingOfItself;

impl Intercept for NothingOfItself {
    fn name(&self) -> &'static str {
        "NothingOfItself"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        call: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        const WHY: &str = "a header that nobody reads";
        let state = call.interceptor_state();
        state.store_put(disable_interceptor::<InvocationIdInterceptor>(WHY));
        state.store_put(disable_interceptor::<RequestInfoInterceptor>(WHY));
        state.store_put(disable_interceptor::<UserAgentInterceptor>(WHY));
        Ok(())
    }
}

/// Watches over streams, which neither service has: an answer is read whole within the time-out of its attempt.
fn no_streams() -> StalledStreamProtectionConfig {
    StalledStreamProtectionConfig::disabled()
}

pub(crate) fn table_client(config: &SdkConfig) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::config::Builder::from(config).stalled_stream_protection(no_streams());
    aws_sdk_dynamodb::Client::from_conf(config.interceptor(NothingOfItself).build())
}

pub(crate) fn queue_client(config: &SdkConfig) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::config::Builder::from(config).stalled_stream_protection(no_streams());
    aws_sdk_sqs::Client::from_conf(config.interceptor(NothingOfItself).build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{
        SdkHttp,
        testing::{NOTHING, config, server},
    };

    /// The names of the headers that were sent.
    fn headers(asked: &str) -> Vec<&str> {
        let (head, _) = asked.split_once("\r\n\r\n").unwrap();
        let mut names: Vec<_> = head.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0)).collect();
        names.sort_unstable();
        names
    }

    const SENT: [&str; 7] =
        ["authorization", "content-length", "content-type", "host", "user-agent", "x-amz-date", "x-amz-target"];

    #[tokio::test]
    async fn a_call_of_the_table_says_what_it_must_and_by_whom() {
        let (url, mut told) = server(vec![Some(NOTHING)]).await;
        table_client(&config(&url, SdkHttp::default())).query().table_name("t").send().await.unwrap();
        let asked = told.recv().await.unwrap();
        assert_eq!(headers(&asked), SENT, "{asked}");
        assert!(asked.contains(concat!("user-agent: toonmill/", env!("CARGO_PKG_VERSION"), "\r\n")), "{asked}");
    }

    #[tokio::test]
    async fn so_does_a_call_of_a_queue_and_it_is_tried_again() {
        let (url, mut told) = server(vec![None, Some(NOTHING)]).await;
        queue_client(&config(&url, SdkHttp::default()))
            .send_message()
            .queue_url(&url)
            .message_body("x")
            .send()
            .await
            .unwrap();
        for _ in 0..2 {
            let asked = told.recv().await.unwrap();
            let sent = headers(&asked);
            assert!(SENT.iter().all(|name| sent.contains(name)), "{asked}");
            assert!(!sent.iter().any(|name| name.contains("sdk") || name.contains("x-amz-user")), "{asked}");
        }
    }
}
