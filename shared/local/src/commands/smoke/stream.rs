//! A job's events, followed to the end of their stream.

use anyhow::{Result, ensure};
use reqwest::header::ACCEPT;

/// An event of a stream, as far as it matters here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Event {
    name: String,
    id: Option<String>,
}

/// The names of all events. A stream that asks its reader to come back is opened again where it was.
pub(super) async fn follow(http: reqwest::Client, url: String) -> Result<Vec<String>> {
    let (mut names, mut last_id) = (Vec::new(), None::<String>);
    loop {
        let request = http.get(&url).header(ACCEPT, "text/event-stream");
        let request = last_id.iter().fold(request, |request, id| request.header("last-event-id", id));
        // The address has a ticket in it, which is nobody's to read.
        let mut answer = request.send().await.map_err(reqwest::Error::without_url)?;
        // Nothing is left to tell of an ended job.
        if answer.status().as_u16() == 204 {
            return Ok(names);
        }
        ensure!(answer.status().as_u16() == 200, "the stream is answered {}", answer.status());
        let (mut read, mut comes_back) = (Vec::new(), false);
        while let Some(chunk) = answer.chunk().await? {
            read.extend_from_slice(&chunk);
            for event in take_events(&mut read) {
                last_id = event.id.or(last_id);
                comes_back = event.name == "reconnect";
                names.push(event.name);
            }
        }
        if !comes_back {
            return Ok(names);
        }
    }
}

/// The events that have come whole. What follows them stays.
fn take_events(read: &mut Vec<u8>) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(end) = read.windows(2).position(|two| two == b"\n\n") {
        let rest = read.split_off(end + 2);
        let whole = std::mem::replace(read, rest);
        let mut event = Event::default();
        for line in String::from_utf8_lossy(&whole).lines() {
            if let Some(name) = line.strip_prefix("event:") {
                name.trim().clone_into(&mut event.name);
            } else if let Some(id) = line.strip_prefix("id:") {
                event.id = Some(id.trim().to_owned());
            }
        }
        // A comment that keeps the connection, or how soon to come back.
        if !event.name.is_empty() {
            events.push(event);
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_taken_when_they_are_whole_and_heartbeats_are_none() {
        let mut read = b"retry: 2000\n\n: heartbeat\n\nid: 1.4\nevent: progress\ndata: {}\n\nevent: job.comp".to_vec();
        assert_eq!(take_events(&mut read), [Event { name: "progress".to_owned(), id: Some("1.4".to_owned()) }]);
        assert_eq!(read, b"event: job.comp");
        read.extend_from_slice(b"leted\ndata: {}\n\n");
        assert_eq!(take_events(&mut read), [Event { name: "job.completed".to_owned(), id: None }]);
        assert!(read.is_empty());
    }
}
