//! Jobs as callers see them, from the 202 to the last page of images.

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_http_api::ticket::{self, BadTicket};
use toonmill_tests::{Artist, World, picture};

use crate::api::Api;

fn pipeline(quantities: &[u32]) -> Value {
    let stage = |quantity: &u32| json!({"prompt": "a gate at dusk", "quantity": quantity, "aspectRatio": "1:1"});
    json!({"productionId": "gate-1", "stages": quantities.iter().map(stage).collect::<Vec<_>>()})
}

async fn submit(api: &Api, body: &Value) -> String {
    let answer = api.post("/api/v1/jobs", body).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert_eq!(answer.header("location"), answer.body["statusUrl"]);
    answer.body["jobId"].as_str().unwrap().to_owned()
}

/// An answer without what differs from one run to the next.
fn steady(mut answer: Value, job: &str) -> Value {
    let text = answer.to_string().replace(job, "[job]");
    answer = serde_json::from_str(&text).unwrap();
    let (url, ticket) = answer["eventsUrl"].as_str().unwrap().split_once('=').unwrap();
    assert_eq!(ticket.len(), "4102448400.".len() + 32, "{ticket}");
    answer["eventsUrl"] = format!("{url}=[ticket]").into();
    for list in
        [&["fileIds"][..], &["result", "fileIds"], &["stages", "0", "fileIds"], &["result", "stages", "0", "fileIds"]]
    {
        if let Some(ids) = answer.pointer_mut(&format!("/{}", list.join("/"))) {
            *ids = ids.as_array().unwrap().len().into();
        }
    }
    answer
}

#[tokio::test]
async fn a_job_is_told_as_it_is_from_the_202_to_its_end() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let answer = api.post("/api/v1/jobs", &pipeline(&[3])).await;
    let id = answer.body["id"].as_str().unwrap().to_owned();
    insta::assert_json_snapshot!("accepted", steady(answer.body, &id));
    insta::assert_json_snapshot!("queued", steady(api.get(&format!("/api/v1/jobs/{id}")).await, &id));
    world.run().await;
    insta::assert_json_snapshot!("completed", steady(api.get(&format!("/api/v1/jobs/{id}/")).await, &id));
}

#[tokio::test]
async fn a_job_that_ends_short_says_slot_by_slot_why() {
    let world = World::new(Artist::new(|_, call| {
        if call == 1 { Ok(picture(1)) } else { Err(Failure::new(FailureCode::Refused).detail("SAFETY")) }
    }));
    let api = Api::over(&world);
    let id = submit(&api, &pipeline(&[3])).await;
    world.run().await;
    insta::assert_json_snapshot!("short", steady(api.get(&format!("/api/v1/jobs/{id}")).await, &id));
}

#[tokio::test]
async fn images_come_in_stage_then_slot_order_page_by_page() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let id = submit(&api, &pipeline(&[3, 2])).await;
    assert_eq!(api.get(&format!("/api/v1/jobs/{id}/images")).await, json!({"data": [], "nextCursor": null}));
    world.run().await;

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("/api/v1/jobs/{id}/images?limit=2{cursor}")).await;
        for image in page["data"].as_array().unwrap() {
            assert!(image["url"].as_str().unwrap().contains("X-Amz-Signature"), "{image}");
            assert_eq!((&image["attempt"], &image["mimeType"]), (&json!(1), &json!("image/webp")));
            seen.push((image["stage"].as_u64().unwrap(), image["slot"].as_u64().unwrap(), image["fileId"].clone()));
        }
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let places: Vec<_> = seen.iter().map(|(stage, slot, _)| (*stage, *slot)).collect();
    assert_eq!(places, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]);
    let files: Vec<_> = seen.into_iter().map(|(_, _, file)| file).collect();
    assert_eq!(api.get(&format!("/api/v1/jobs/{id}")).await["fileIds"], json!(files));
}

#[tokio::test]
async fn a_known_revision_is_not_sent_again_and_a_long_poll_ends_with_a_newer_one() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let path = format!("/api/v1/jobs/{}", submit(&api, &pipeline(&[2])).await);
    let first = api.call("GET", &path).await;
    let again = async |tag: &str| {
        let request = api.request("GET", &path).header("if-none-match", tag);
        api.send(request.body(axum::body::Body::empty()).unwrap()).await
    };
    let unchanged = again(first.header("etag")).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.header("etag")), (304, first.header("etag")));

    let revision = first.body["revision"].as_u64().unwrap();
    let waits = format!("{path}?wait=20&after={revision}");
    let (news, ()) = tokio::join!(api.get(&waits), world.run());
    assert!(news["revision"].as_u64().unwrap() > revision);
    assert_eq!(again(first.header("etag")).await.status, 200);
}

#[tokio::test]
async fn every_answer_about_a_job_has_a_ticket_for_its_events() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let accepted = api.post("/api/v1/jobs", &pipeline(&[1])).await.body;
    let job = accepted["jobId"].as_str().unwrap().parse().unwrap();
    let key = world.job(job).await.0.ticket_key.unwrap();
    world.wait(std::time::Duration::from_mins(30));
    let mut answers = vec![accepted, api.get(&format!("/api/v1/jobs/{job}")).await];
    answers.push(api.get("/api/v1/jobs").await["data"][0].clone());
    answers.push(api.post(&format!("/api/v1/jobs/{job}/cancel"), &json!({})).await.body);
    let checked = answers.iter().map(|answer| {
        let (url, ticket) = answer["eventsUrl"].as_str().unwrap().split_once("?ticket=").unwrap();
        assert_eq!(url, format!("https://events.example/api/v1/jobs/{job}/events"));
        ticket::check(ticket, &key, job, world.now().plus(std::time::Duration::from_mins(40)))
    });
    // An hour from each reading: that of the first has run out.
    assert_eq!(checked.collect::<Vec<_>>(), [Err(BadTicket::Expired), Ok(()), Ok(()), Ok(())]);
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_without_news_ends_with_the_job_as_it_is() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let path = format!("/api/v1/jobs/{}", submit(&api, &pipeline(&[2])).await);
    let revision = &api.get(&path).await["revision"];
    assert_eq!(&api.get(&format!("{path}?wait=3&after={revision}")).await["revision"], revision);
}

#[tokio::test]
async fn jobs_are_listed_newest_first_and_filtered() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let mut ids = Vec::new();
    for quantity in [1, 2, 3] {
        world.wait(std::time::Duration::from_secs(1));
        ids.push(submit(&api, &pipeline(&[quantity])).await);
        world.run().await;
    }
    world.wait(std::time::Duration::from_secs(1));
    ids.push(submit(&api, &json!({"arguments": {"prompt": "a wolf"}})).await);
    ids.reverse();
    let listed = async |query: &str| {
        let page = api.get(&format!("/api/v1/jobs?{query}")).await;
        let jobs = page["data"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned());
        (jobs.collect::<Vec<_>>(), page["nextCursor"].as_str().map(str::to_owned))
    };
    assert_eq!(listed("").await, (ids.clone(), None));
    let (page, cursor) = listed("limit=3").await;
    assert_eq!(page, ids[..3]);
    assert_eq!(listed(&format!("limit=3&cursor={}", cursor.unwrap())).await, (ids[3..].to_vec(), None));
    assert_eq!(listed("kind=single-image").await.0, ids[..1]);
    assert_eq!(listed("status=COMPLETED&kind=pipeline").await.0, ids[1..]);
    assert_eq!(listed("productionId=gate-1&limit=1").await.0, ids[1..2]);
    assert_eq!(listed("productionId=another").await, (Vec::new(), None));
}

#[tokio::test]
async fn a_cancel_is_taken_while_the_job_runs_and_refused_after() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let path = format!("/api/v1/jobs/{}", submit(&api, &pipeline(&[2])).await);
    for _ in 0..2 {
        let answer = api.call("POST", &format!("{path}/cancel")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["cancelRequested"]), (202, &json!(true)));
    }
    world.run().await;
    let job = api.get(&path).await;
    assert_eq!((&job["status"], &job["error"]), (&json!("CANCELLED"), &Value::Null));
    assert_eq!(job["stages"][0]["failures"][0], json!({"slot": 0, "code": "cancelled", "attempts": 0}));
    let answer = api.call("POST", &format!("{path}/cancel")).await;
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (409, &json!("job_ended")));
}

#[tokio::test]
async fn anothers_job_is_the_same_404_by_the_same_calls_as_none() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let job = world.try_submit("somebody-else", vec![toonmill_tests::stage("x", 1)]).await.unwrap();
    let (toonmill_flows::submit::Submitted::New(theirs) | toonmill_flows::submit::Submitted::Before(theirs)) = job;
    let none = "01890a5d-ac96-774b-bcce-b302099a8057".to_owned();
    for (method, end) in
        [("GET", ""), ("GET", "?wait=5&after=9"), ("GET", "/images"), ("POST", "/cancel"), ("POST", "/retry")]
    {
        let mut told = Vec::new();
        for id in [theirs.to_string(), none.clone()] {
            // A process that counts its first request: later ones may pass uncounted.
            let api = Api::over(&world);
            world.network.take_calls();
            let answer = api.call(method, &format!("/api/v1/jobs/{id}{end}")).await;
            assert_eq!(answer.status, 404, "{method} {end}");
            let calls = world.network.take_calls();
            told.push((
                answer.body["detail"].clone(),
                calls.into_iter().map(|call| call.operation).collect::<Vec<_>>(),
            ));
        }
        assert_eq!(told[0], told[1], "{method} {end}");
    }
    assert!(api.get("/api/v1/jobs").await["data"].as_array().unwrap().is_empty());
}
