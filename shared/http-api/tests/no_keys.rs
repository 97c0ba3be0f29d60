//! A deployment without public keys says so in its log, once and at its start.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::{
    io,
    sync::{Arc, Mutex},
};

use toonmill_domain::Timestamp;
use toonmill_flows::Clock;
use toonmill_http_api::{Verifier, auth::PublicKeys};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_start_without_public_keys_is_one_warning_and_a_start_with_one_is_none() {
    let lines = Lines::default();
    let written = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || written.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let clock = Clock::new(|| Timestamp::from_millis(0));
    let one = format!(r#"{{"keys":[{{"kid":"a","kty":"OKP","crv":"Ed25519","x":"{}"}}]}}"#, "A".repeat(43));
    for keys in [one.as_str(), r#"{"keys":[]}"#] {
        let _ = Verifier::new(PublicKeys::parse(keys).unwrap(), clock.clone());
    }
    let written = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(written.contains("WARN") && written.contains("JwtPublicKeys"), "{written}");
}
