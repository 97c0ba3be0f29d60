//! Clients that are cut off.

use http::Request;
use toonmill_domain::{Failure, FailureCode};
use toonmill_tests::{Artist, World, picture, stage};

use crate::server::{Event, Server};

const CUTS: u32 = 100;

/// What a client has been told in all its connections.
#[derive(Default)]
struct Told {
    revisions: Vec<u64>,
    entries: Vec<(u64, String)>,
}

impl Told {
    fn add(&mut self, event: &Event) {
        let (entry, _) = event.id.split_once('.').unwrap();
        match event.name.as_str() {
            "progress" => self.revisions.push(event.data["revision"].as_u64().unwrap()),
            name => self.entries.push((entry.parse().unwrap(), name.to_owned())),
        }
    }
}

/// Cut after any byte, while the job is drawn image by image. Most calls fail, so that there are rounds for the log.
#[tokio::test(start_paused = true)]
async fn a_stream_cut_at_random_100_times_and_resumed_misses_no_state_and_repeats_none() {
    let world = World::new(Artist::new(|_, call| match call % 5 {
        0 => Ok(picture(call)),
        _ => Err(Failure::new(FailureCode::Empty)),
    }));
    let server = Server::over(world);
    let job = server.world.submit((0..6).map(|_| stage("a page", 4)).collect()).await;
    let mut dice = fastrand::Rng::with_seed(7);
    let (mut told, mut last_id, mut cuts) = (Told::default(), String::new(), 0);
    // The first snapshot comes whole: who has nothing cannot miss anything.
    let first = server.open(job, "").await.next().await.unwrap();
    told.add(&first);
    first.id.clone_into(&mut last_id);
    let mut waiting = Vec::new();
    loop {
        // Something happens, or nothing.
        for _ in 0..dice.u32(0..3) {
            server.world.reconcile_all().await;
            waiting.extend(server.world.take_images());
            server.world.wait(std::time::Duration::from_secs(20));
            if let Some(message) = waiting.pop() {
                server.world.draw(&message).await;
            }
        }
        let answer = server.answer(job, &last_id).await;
        if answer.status == 204 {
            break;
        }
        let mut client = answer.stream();
        last_id.clone_into(&mut client.last_id);
        let chunk = client.chunk().await.unwrap();
        let is_cut = cuts < CUTS || dice.bool();
        let came = if is_cut { dice.usize(..=chunk.len()) } else { chunk.len() };
        cuts += u32::from(came < chunk.len());
        client.take(&chunk[..came]);
        client.whole().iter().for_each(|event| told.add(event));
        client.last_id.clone_into(&mut last_id);
    }
    assert!(cuts >= CUTS, "{cuts}");
    let log = server.world.table.load_events(job, 0).await.unwrap();
    let expected: Vec<_> = log.iter().map(|event| (event.number, event.what.name().to_owned())).collect();
    assert!(expected.iter().any(|(_, name)| name == "round.opened"), "{expected:?}");
    assert_eq!(told.entries, expected, "each entry of the log once, in its order");
    assert!(told.revisions.is_sorted_by(|one, next| one < next), "{:?}", told.revisions);
    let (ended, stages) = server.world.job(job).await;
    assert_eq!(told.revisions.last(), Some(&ended.revision(&stages)));
}

#[tokio::test(start_paused = true)]
async fn a_client_says_where_it_was_in_a_header_or_in_the_address_and_nonsense_is_nowhere() {
    let server = Server::over(World::new(Artist::tireless()));
    let job = server.world.submit(vec![stage("a page", 1)]).await;
    server.world.run().await;
    let whole = server.open(job, "").await.next().await.unwrap();
    let path = format!("/api/v1/jobs/{job}/events/?ticket={}", server.ticket(job).await);
    let has = async |query: &str, header: &str| {
        let request = Request::get(format!("{path}{query}"));
        let request = if header.is_empty() { request } else { request.header("last-event-id", header) };
        server.send(request).await.stream().next().await.unwrap()
    };
    let before_the_end = &whole.id;
    assert_eq!(has(&format!("&lastEventId={before_the_end}"), "").await.name, "job.completed");
    assert_eq!(has("&lastEventId=0.0", before_the_end).await.name, "job.completed", "the browser knows better");
    for nonsense in ["nothing", "1", "-1.-1", "999.999"] {
        assert_eq!(has("", nonsense).await, whole, "{nonsense}");
    }
}
