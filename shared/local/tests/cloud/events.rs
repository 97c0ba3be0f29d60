//! A job followed live, through the launcher's port.

use futures_util::StreamExt as _;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Cloud, pause, root};

/// One event.
#[derive(Clone, Debug)]
struct Event {
    id: String,
    name: String,
    data: Value,
}

/// As an `EventSource` asks: with the address alone, and the last id once it has one.
async fn ask(url: &str, last_id: &str) -> Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(url).header("accept", "text/event-stream");
    let request = if last_id.is_empty() { request } else { request.header("last-event-id", last_id) };
    request.send().await.unwrap()
}

/// At most so many events of a stream; fewer if it ends before.
async fn read(answer: Response, most: usize, last_id: &mut String) -> Vec<Event> {
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let (mut chunks, mut text, mut events) = (answer.bytes_stream(), String::new(), Vec::new());
    while let Some(chunk) = chunks.next().await {
        text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        while let Some((block, rest)) = text.split_once("\n\n").map(|(block, rest)| (block.to_owned(), rest.to_owned()))
        {
            text = rest;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            if let Some(id) = field("id: ") {
                *last_id = id;
            }
            if let Some(name) = field("event: ") {
                let data = serde_json::from_str(&field("data: ").unwrap()).unwrap();
                events.push(Event { id: last_id.clone(), name, data });
            }
            if events.len() == most {
                return events;
            }
        }
    }
    events
}

async fn events_url(cloud: &Cloud, token: &str, id: &str) -> String {
    let url = cloud.job(token, id).await["eventsUrl"].as_str().unwrap().to_owned();
    assert!(url.starts_with(&format!("{}/api/v1/jobs/{id}/events?ticket=", cloud.url)), "{url}");
    url
}

/// The size of the demo, with a provider that fails now and then. The client leaves after every few events and comes back, and
/// no stream is longer than ten seconds.
#[tokio::test]
async fn a_job_is_followed_live_through_cuts_and_reconnects_to_its_end() {
    let options = ["--failure-rate", "0.1", "--parameter", "EventsSeconds=10", "--parameter", "EventsMaxConcurrency=2"];
    let cloud = Cloud::up("test-events", &options).await;
    let token = cloud.token("ann");
    cloud.grant("ann", 10_000);
    let stages = ["A bridge", "A harbour", "A field"].map(|prompt| json!({ "prompt": prompt, "quantity": 50 }));
    let id = cloud.submit(&token, &json!({ "stages": stages })).await;
    let url = events_url(&cloud, &token, &id).await;

    an_event_of_a_function_url_is_answered_by_the_emulator_too(&cloud);
    only_its_ticket_and_its_owner_open_a_stream(&cloud, &url, &id).await;

    let (mut last_id, mut all) = (String::new(), Vec::new());
    for visit in 0.. {
        let answer = ask(&url, &last_id).await;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NO_CONTENT => break,
            // The places of those who left are just being freed.
            StatusCode::TOO_MANY_REQUESTS => {
                pause(100).await;
                continue;
            }
            other => panic!("{other}"),
        }
        all.extend(read(answer, 1 + visit % 5, &mut last_id).await);
    }
    let job = cloud.job(&token, &id).await;
    assert_eq!(job["status"], "COMPLETED", "{job}");
    let told: Vec<_> = all.iter().filter(|event| event.name != "reconnect").collect();
    let (snapshots, entries): (Vec<&Event>, Vec<&Event>) = told.iter().partition(|event| event.name == "progress");
    let revisions: Vec<_> = snapshots.iter().map(|event| event.data["revision"].as_u64().unwrap()).collect();
    assert!(revisions.is_sorted_by(|one, next| one < next), "{revisions:?}");
    assert!(snapshots.len() > 5, "{revisions:?}");
    let last = snapshots.last().unwrap();
    assert_eq!((&last.data["progress"], &last.data["revision"]), (&job["progress"], &job["revision"]));
    for (shown, stage) in last.data["stages"].as_array().unwrap().iter().zip(job["stages"].as_array().unwrap()) {
        shown.as_object().unwrap().iter().for_each(|(name, value)| assert_eq!(&stage[name], value, "{name}"));
    }
    let numbers: Vec<u64> = entries.iter().map(|event| event.id.split_once('.').unwrap().0.parse().unwrap()).collect();
    let first: u64 = told[0].id.split_once('.').unwrap().0.parse().unwrap();
    assert!(numbers.iter().copied().eq(first + 1..=first + numbers.len() as u64), "{numbers:?} after {first}");
    let end = told.last().unwrap();
    assert_eq!((end.name.as_str(), &end.data["stored"]), ("job.completed", &json!(150)));
    assert_eq!(end.data["credits"]["captured"], job["credits"]["captured"]);

    // A job that takes longer than one stream goes on.
    let stages = vec![json!({ "prompt": "A crowd", "quantity": 50 }); 8];
    let longer = cloud.submit(&token, &json!({ "stages": stages })).await;
    no_more_viewers_than_there_are_places(&events_url(&cloud, &token, &longer).await).await;
}

async fn only_its_ticket_and_its_owner_open_a_stream(cloud: &Cloud, url: &str, id: &str) {
    assert_eq!(ask(&url[..url.len() - 1], "").await.status(), 401);
    let path = format!("/api/v1/jobs/{id}/events");
    let problem = cloud.get(&path, &cloud.token("eve")).await;
    assert_eq!(
        (problem.status().as_u16(), &problem.headers()["content-type"]),
        (404, &"application/problem+json".parse().unwrap())
    );
    let answer = cloud.get(&format!("{path}/"), &cloud.token("ann")).await;
    assert_eq!(read(answer, 1, &mut String::new()).await[0].name, "progress");
}

fn an_event_of_a_function_url_is_answered_by_the_emulator_too(cloud: &Cloud) {
    let event = std::fs::read_to_string(root().join("events/job-events.json")).unwrap();
    let (done, answer) = cloud.invoke("job-events", &serde_json::from_str(&event).unwrap());
    assert!(done && answer["statusCode"] == 404, "{answer}");
    assert!(answer["body"].as_str().unwrap().contains("not_found"), "{answer}");
}

async fn no_more_viewers_than_there_are_places(url: &str) {
    let mut places = Vec::new();
    while places.len() < 2 {
        let answer = ask(url, "").await;
        if answer.status() == 200 {
            places.push(answer);
        }
    }
    assert_eq!(ask(url, "").await.status(), 429);
    // One sees its stream end within ten seconds, though the job does not; the other leaves.
    let events = read(places.remove(0), usize::MAX, &mut String::new()).await;
    assert_eq!(events.last().unwrap().name, "reconnect");
}
