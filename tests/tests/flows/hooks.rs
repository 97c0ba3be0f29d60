//! Hooks: servers that are told of every end of a job, once, in time, and by nobody but us.

use std::{pin::pin, time::Duration};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::Value;
use toonmill_cloud::{
    CloudError,
    queues::read_message,
    table::{Noted, Telling},
};
use toonmill_deliver::{Delivered, Deliverer};
use toonmill_domain::{
    Delivery, DeliveryId, DeliveryKey, DeliveryMessage, DeliveryState, Failure, FailureCode, JobId, JobStatus, Sink,
    Timestamp,
};
use toonmill_flows::submit::{NewJob, Submitted};
use toonmill_outbound::{Ports, Sender};
use toonmill_runtime::batch;
use toonmill_telegram::{Chat, ChatKind, Language, Post};
use toonmill_tests::{
    Artist, Internet, Page, Received, Then, World, new_job, picture,
    queues::inbox,
    stage,
    world::{DELIVER, RECONCILE},
};
use toonmill_webhooks::{Secret, Secrets, schedule::WAITS, verify};

const URL: &str = "https://hooks.example/hook";
const PLACE: &str = "hooks.example/hook";

struct Studio {
    world: World,
    internet: Internet,
    deliverer: Deliverer,
}

fn secret(byte: u8) -> Secret {
    Secret::new([byte; 32])
}

fn answer(status: &str) -> Page {
    Page::raw(&format!("{status}\r\nContent-Length: 0"), b"")
}

impl Studio {
    async fn open(artist: Artist) -> Self {
        let (internet, network) = Internet::begin().await;
        internet.put(PLACE, answer("204 No Content"));
        let world = World::new(artist);
        let deliverer = world.deliverer(None, Sender::new(network, Ports::default()));
        let studio = Self { world, internet, deliverer };
        studio.keep("ann", &Secrets::first(secret(1)), None).await;
        studio
    }

    async fn keep(&self, account: &str, secrets: &Secrets, seen: Option<&Secrets>) {
        let text = |secrets| serde_json::to_string(secrets).unwrap();
        let (seen, table) = (seen.map(text), &self.world.table);
        let kept = table.put_hook_secrets(&account.parse().unwrap(), seen.as_deref(), &text(secrets), "me").await;
        assert!(kept.unwrap());
    }

    async fn submit(&self, stages: &[(&str, u32)]) -> JobId {
        self.submit_of("ann", URL, stages).await
    }

    async fn submit_of(&self, account: &str, url: &str, stages: &[(&str, u32)]) -> JobId {
        let stages = stages.iter().map(|(prompt, quantity)| stage(prompt, *quantity)).collect();
        let new = NewJob { webhook_url: Some(url.to_owned()), ..new_job(account, stages) };
        match self.world.submitter.submit(new).await.unwrap() {
            Submitted::New(job) | Submitted::Before(job) => job,
        }
    }

    async fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries_of("ann").await
    }

    async fn deliveries_of(&self, account: &str) -> Vec<Delivery> {
        let account = account.parse().unwrap();
        let mut all = self.world.table.list_deliveries(&account, Sink::Webhook, None, 100).await.unwrap();
        all.reverse();
        all
    }

    async fn ring(&self, delivery: &Delivery) -> Delivered {
        self.world.deliver(&self.deliverer, &DeliveryMessage::new(&delivery.key, None)).await
    }

    /// Rings at each time that a delivery's record names, until it names none. Those times.
    async fn see_through(&self) -> Vec<Timestamp> {
        let mut times = vec![self.world.now()];
        loop {
            let delivery = self.deliveries().await.remove(0);
            let Some(at) = delivery.next_attempt_at else { return times };
            self.world.wait(at.since(self.world.now()));
            if times.last() != Some(&self.world.now()) {
                times.push(self.world.now());
            }
            self.ring(&delivery).await;
        }
    }
}

fn header(received: &Received, name: &str) -> String {
    let line = received.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("{name} in {received:?}")).to_owned()
}

fn headers(received: &Received) -> toonmill_webhooks::Headers {
    toonmill_webhooks::Headers {
        id: header(received, "webhook-id"),
        timestamp: header(received, "webhook-timestamp"),
        signature: header(received, "webhook-signature"),
    }
}

#[tokio::test]
async fn every_end_and_what_comes_before_it_is_told_once_and_signed() {
    let studio = Studio::open(Artist::new(|prompt, call| match prompt {
        "slow" if call <= 3 => Err(Failure::new(FailureCode::Empty)),
        _ => Ok(picture(call)),
    }))
    .await;
    let job = studio.submit(&[("fast", 2), ("slow", 1)]).await;
    studio.world.run().await;
    assert_eq!(studio.world.status(job).await, JobStatus::Completed);
    for delivery in studio.deliveries().await {
        assert_eq!(studio.ring(&delivery).await, Delivered::Turn(DeliveryState::Delivered));
        // Doubled messages, later ones of the sweep, and the message of the change itself.
        assert_eq!(studio.ring(&delivery).await, Delivered::Nothing);
    }
    studio.world.deliver_all(&studio.deliverer).await;
    let told = studio.internet.received();
    let bodies: Vec<Value> = told.iter().map(|received| serde_json::from_slice(&received.body).unwrap()).collect();
    let of = |body: &Value| (body["type"].as_str().unwrap().to_owned(), body["data"]["happened"]["type"].clone());
    let told_of: Vec<_> = bodies.iter().map(of).collect();
    let expected = [
        ("job.progress".to_owned(), Value::from("stage_finished")),
        ("job.progress".to_owned(), Value::from("round_opened")),
        ("job.completed".to_owned(), Value::Null),
    ];
    assert_eq!(told_of, expected);
    let end = &bodies[2]["data"];
    assert_eq!((end["jobId"].as_str(), end["stored"].as_u64()), (Some(job.to_string().as_str()), Some(3)));
    assert_eq!(end["credits"], serde_json::json!({ "held": 12, "captured": 12, "released": 0 }));
    let ids: Vec<_> = studio.deliveries().await.iter().map(|delivery| delivery.key.id.to_string()).collect();
    for (received, id) in told.iter().zip(ids) {
        assert_eq!(header(received, "webhook-id"), id);
        verify(&secret(1), &headers(received), &received.body, studio.world.now()).unwrap();
        assert!(verify(&secret(2), &headers(received), &received.body, studio.world.now()).is_err());
    }
    studio.world.audit(job).await;
}

#[tokio::test]
async fn a_server_that_fails_for_a_while_is_called_in_the_documented_times() {
    let studio = Studio::open(Artist::tireless()).await;
    let job = studio.submit(&[("a hook", 1)]).await;
    studio.world.run().await;
    studio.internet.put(PLACE, answer("500 Internal Server Error"));
    let begun = studio.world.now();
    let times = studio.see_through().await;
    assert_eq!(times.len(), WAITS.len() + 1);
    let mut earliest = begun;
    for (time, wait) in times[1..].iter().zip(WAITS) {
        let (due, latest) = (earliest.plus(wait), earliest.plus(wait + wait / 10));
        assert!((due..=latest).contains(time), "{time:?} is not from {due:?} to {latest:?}");
        earliest = *time;
    }
    let [delivery] = &studio.deliveries().await[..] else { panic!() };
    assert_eq!((delivery.state, delivery.tries, delivery.job), (DeliveryState::Failed, 11, Some(job)));
    let calls = studio.internet.received();
    assert_eq!(calls.len(), 11);
    assert!(
        calls
            .iter()
            .all(|call| call.body == calls[0].body && header(call, "webhook-id") == header(&calls[0], "webhook-id"))
    );
}

#[tokio::test]
async fn a_server_that_is_back_hears_what_it_missed() {
    let studio = Studio::open(Artist::tireless()).await;
    studio.submit(&[("a hook", 1)]).await;
    studio.world.run().await;
    studio.internet.put(PLACE, answer("503 Service Unavailable\r\nRetry-After: 90"));
    let [delivery] = &studio.deliveries().await[..] else { panic!() };
    let now = studio.world.now();
    assert_eq!(studio.ring(delivery).await, Delivered::Turn(DeliveryState::Pending));
    let [delivery] = &studio.deliveries().await[..] else { panic!() };
    assert_eq!(delivery.next_attempt_at, Some(now.plus(Duration::from_secs(90))), "as it asked for");
    assert_eq!(studio.ring(delivery).await, Delivered::Nothing, "it is not time");
    studio.internet.put(PLACE, answer("200 OK"));
    // The ring was lost: the sweep finds it.
    studio.world.queues.take(DELIVER);
    studio.world.wait(Duration::from_secs(91));
    assert_eq!(studio.world.sweeper.sweep().await.unwrap().deliveries, 1);
    studio.world.deliver_all(&studio.deliverer).await;
    assert_eq!(studio.deliveries().await[0].state, DeliveryState::Delivered);
    assert_eq!(studio.internet.received().len(), 2);
    assert_eq!(studio.world.sweeper.sweep().await.unwrap().deliveries, 0);
}

#[tokio::test]
async fn a_server_that_wants_no_more_is_left_alone_until_its_owner_asks_for_it() {
    let studio = Studio::open(Artist::tireless()).await;
    studio.internet.put(PLACE, answer("410 Gone"));
    for prompt in ["one", "two"] {
        studio.submit(&[(prompt, 1)]).await;
        studio.world.run().await;
    }
    for delivery in studio.deliveries().await {
        assert_eq!(studio.ring(&delivery).await, Delivered::Turn(DeliveryState::Disabled));
    }
    assert_eq!(studio.internet.received().len(), 1, "the second was not called at all");
    studio.internet.put(PLACE, answer("204 No Content"));
    let second = studio.deliveries().await.remove(1);
    studio.world.table.turn_hook(&second.key.account, URL, false, studio.world.now()).await.unwrap();
    assert!(studio.world.table.reopen_delivery(&second, &second.document, studio.world.now()).await.unwrap());
    let reopened = studio.deliveries().await.remove(1);
    assert_eq!(studio.ring(&reopened).await, Delivered::Turn(DeliveryState::Delivered));
}

#[tokio::test]
async fn workers_at_once_make_one_call_and_a_late_one_changes_nothing() {
    let studio = Studio::open(Artist::tireless()).await;
    studio.submit(&[("a hook", 1)]).await;
    studio.world.run().await;
    let delivery = studio.deliveries().await.remove(0);
    let (one, two, three) = tokio::join!(studio.ring(&delivery), studio.ring(&delivery), studio.ring(&delivery));
    let turns = [one, two, three].iter().filter(|done| **done != Delivered::Nothing).count();
    assert_eq!((turns, studio.internet.received().len()), (1, 1));
    let late = Noted { state: DeliveryState::Failed, next_attempt_at: None, document: "{}".to_owned() };
    assert!(!studio.world.table.note_delivery(&delivery, &late).await.unwrap());
    assert_eq!(studio.deliveries().await[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_worker_that_dies_is_followed_by_another_when_its_lease_is_over() {
    let studio = Studio::open(Artist::tireless()).await;
    studio.submit(&[("a hook", 1)]).await;
    studio.world.run().await;
    studio.world.queues.take(DELIVER);
    let delivery = studio.deliveries().await.remove(0);
    let until = studio.world.now().plus(Duration::from_secs(70));
    assert!(studio.world.table.claim_delivery(&delivery, until, "the dead").await.unwrap().is_some());
    assert_eq!(studio.ring(&delivery).await, Delivered::Nothing, "somebody is at it");
    studio.world.wait(Duration::from_secs(71));
    assert_eq!(studio.world.sweeper.sweep().await.unwrap().deliveries, 1);
    studio.world.deliver_all(&studio.deliverer).await;
    assert_eq!(studio.deliveries().await[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn both_secrets_of_a_rotation_sign_and_an_address_that_is_not_public_is_not_called() {
    let studio = Studio::open(Artist::tireless()).await;
    let first = Secrets::first(secret(1));
    studio.keep("ann", &first.clone().rotated(secret(2), studio.world.now()), Some(&first)).await;
    studio.submit(&[("a hook", 1)]).await;
    studio.world.run().await;
    let delivery = studio.deliveries().await.remove(0);
    // The name leads inside now.
    studio.internet.name("hooks.example", &[&["10.0.0.7"], &["93.184.216.34"]]);
    assert_eq!(studio.ring(&delivery).await, Delivered::Turn(DeliveryState::Pending));
    assert_eq!(studio.internet.received(), []);
    let delivery = studio.deliveries().await.remove(0);
    assert!(delivery.document.contains("public"), "{}", delivery.document);
    studio.world.wait(Duration::from_secs(6));
    assert_eq!(studio.ring(&delivery).await, Delivered::Turn(DeliveryState::Delivered));
    let [received] = &studio.internet.received()[..] else { panic!() };
    for byte in [1, 2] {
        verify(&secret(byte), &headers(received), &received.body, studio.world.now()).unwrap();
    }
}

#[tokio::test]
async fn a_server_that_never_answers_keeps_nobody_else_from_being_told() {
    let studio = Studio::open(Artist::tireless()).await;
    studio.keep("bob", &Secrets::first(secret(2)), None).await;
    studio.internet.put("hooks.example/dead", Page { start: Vec::new(), then: Then::Silence });
    for (account, url) in [("ann", "https://hooks.example/dead"), ("bob", URL)] {
        studio.submit_of(account, url, &[("a hook", 1)]).await;
    }
    studio.world.run().await;
    let waiting = studio.world.queues.take(DELIVER);
    let groups: Vec<_> = waiting.iter().map(|waiting| waiting.group.as_deref()).collect();
    assert_eq!(groups, [Some("ann"), Some("bob")], "a fair queue keeps apart by these");
    // Both in one invocation, the dead one's first.
    let mut event = SqsEvent::default();
    for waiting in waiting {
        let mut record = SqsMessage::default();
        record.body = Some(waiting.body);
        event.records.push(record);
    }
    let inbox = inbox(&studio.world.network);
    let batch = batch::run(&inbox, &studio.deliverer.clock, event, async |record: SqsMessage| {
        let message = read_message(record.body.as_deref().unwrap()).unwrap();
        studio.world.deliver(&studio.deliverer, &message).await;
        Ok::<_, CloudError>(())
    });
    let told = async {
        while studio.deliveries_of("bob").await[0].state != DeliveryState::Delivered {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = pin!(batch) => panic!("the dead one has answered"),
        () = told => {}
    }
    assert_eq!(studio.internet.asked(), ["hooks.example/dead", PLACE]);
    assert_eq!(studio.deliveries().await[0].state, DeliveryState::Pending);
}

#[tokio::test]
async fn a_delivery_that_cannot_be_made_is_tried_for_a_day_and_then_given_up() {
    let studio = Studio::open(Artist::tireless()).await;
    studio.submit(&[("a riddle", 1)]).await;
    studio.world.run().await;
    let delivery = studio.deliveries().await.remove(0);
    assert!(studio.world.table.reopen_delivery(&delivery, "{", studio.world.now()).await.unwrap());
    let times = studio.see_through().await;
    let given_up = studio.deliveries().await.remove(0);
    assert_eq!((given_up.state, given_up.document.as_str()), (DeliveryState::Failed, "{"), "what it says is kept");
    let hours = times.last().unwrap().since(delivery.created_at).as_secs() / 3_600;
    assert!(hours == 24 && times.len() <= 32, "{hours} hours, {} tries", times.len());
    assert!(studio.internet.asked().is_empty());
}

#[tokio::test]
async fn a_chat_without_a_bot_is_given_up_too_and_holds_up_nobody() {
    let studio = Studio::open(Artist::tireless()).await;
    let chat = Chat { id: 7, kind: ChatKind::Private, thread: None, language: Language::En };
    let document = serde_json::to_string(&Post::job(chat, 1, "a riddle".to_owned(), 1)).unwrap();
    let id = DeliveryId::new(studio.world.submitter.ids.make());
    let key = DeliveryKey { account: "ann".parse().unwrap(), sink: Sink::Telegram, id };
    let post = Some(Delivery::new(key.clone(), None, document, studio.world.now()));
    let telling = Telling { update: None, post };
    let new = NewJob { telling, webhook_url: Some(URL.to_owned()), ..new_job("ann", vec![stage("a riddle", 1)]) };
    studio.world.submitter.submit(new).await.unwrap();
    studio.world.run().await;
    let mut tries = 0;
    while let Some(at) = studio.world.table.load_delivery(&key).await.unwrap().unwrap().next_attempt_at {
        studio.world.wait(at.since(studio.world.now()));
        studio.world.sweeper.sweep().await.unwrap();
        studio.world.deliver_all(&studio.deliverer).await;
        tries += 1;
        assert!(tries < 40, "it is never given up");
    }
    let given_up = studio.world.table.load_delivery(&key).await.unwrap().unwrap();
    assert_eq!(given_up.state, DeliveryState::Failed);
    assert_eq!(studio.internet.asked(), [PLACE], "the server was told");
}

#[tokio::test]
async fn a_job_without_a_hook_tells_nobody() {
    let studio = Studio::open(Artist::tireless()).await;
    let job = studio.world.submit(vec![stage("a hermit", 2)]).await;
    studio.world.run().await;
    assert_eq!(studio.deliveries().await, []);
    assert_eq!((studio.world.queues.count(DELIVER), studio.world.queues.count(RECONCILE)), (0, 0));
    studio.world.audit(job).await;
}
