//! The files in `events/` are what the functions really get.

use aws_lambda_events::{apigw::ApiGatewayV2httpRequest, eventbridge::EventBridgeEvent, sqs::SqsEvent};
use serde_json::Value;
use toonmill_cloud::queues::read_message;
use toonmill_domain::{DeliveryMessage, JobKind, ReconcileMessage, SlotMessage};
use toonmill_flows::operate::Action;
use toonmill_telegram::{Update, What};

use super::{functions, read, repository};

fn event<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&read(&format!("events/{name}.json"))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn bodies(event: SqsEvent) -> Vec<String> {
    event.records.into_iter().map(|record| record.body.unwrap()).collect()
}

#[test]
fn every_function_has_an_event() {
    for function in functions() {
        let names = std::fs::read_dir(repository("events")).unwrap();
        let has = names.into_iter().any(|name| name.unwrap().file_name().to_str().unwrap().starts_with(&function));
        assert!(has, "events/{function}*.json");
    }
}

#[test]
fn queue_events_hold_messages_that_can_be_read() {
    for body in bodies(event("complete")).iter().chain(&bodies(event("dead-letter-reconcile"))) {
        read_message::<ReconcileMessage>(body).unwrap();
    }
    for name in ["generate-image", "generate-text", "dead-letter-image"] {
        for body in bodies(event(name)) {
            read_message::<SlotMessage>(&body).unwrap();
        }
    }
    for body in bodies(event("deliver")).iter().chain(&bodies(event("dead-letter-deliver"))) {
        read_message::<DeliveryMessage>(body).unwrap();
    }
}

#[test]
fn operator_events_are_actions() {
    for name in ["show", "ring", "settle", "grant", "audit", "pause", "provider", "reset", "membership"] {
        event::<Action>(&format!("operator-{name}"));
    }
}

#[test]
fn api_events_are_requests_and_schedules_are_schedules() {
    for name in ["api-jobs-create", "api-jobs-get"] {
        let request: ApiGatewayV2httpRequest = event(name);
        assert!(request.raw_path.unwrap().starts_with("/api/v1/jobs"), "{name}");
    }
    let follow: ApiGatewayV2httpRequest = event("job-events");
    assert!(follow.raw_path.unwrap().ends_with("/events"));
    let profile: ApiGatewayV2httpRequest = event("api-accounts-profile");
    assert_eq!(profile.raw_path.as_deref(), Some("/api/v1/auth/profile"));
    let update: ApiGatewayV2httpRequest = event("telegram-webhook-draw");
    assert_eq!(update.raw_path.as_deref(), Some("/telegram/webhook"));
    assert!(matches!(Update::parse(update.body.unwrap().as_bytes()).unwrap().what, What::Message(_)));
    for name in ["sweep", "cleanup"] {
        let schedule: EventBridgeEvent<Value> = event(name);
        assert_eq!(schedule.detail_type, "Scheduled Event", "{name}");
    }
}

#[test]
fn every_kind_of_job_has_a_sample_whose_last_post_is_its_endpoint() {
    for kind in JobKind::ALL {
        let requests: Value = event(&format!("requests/{}", kind.as_str()));
        let mut posts = requests.as_array().unwrap().iter().filter_map(|request| request["post"].as_str());
        let last = posts.next_back().unwrap();
        let expected = match kind {
            JobKind::Pipeline | JobKind::SingleImage | JobKind::SingleText => "/api/v1/jobs".to_owned(),
            JobKind::GenerateCharacterImage => "/api/characters/${0/id}/generate-image".to_owned(),
            kind => format!("/api/{}", kind.as_str()),
        };
        assert_eq!(last, expected);
    }
}

#[test]
fn the_pipeline_of_the_demo_asks_for_150_images_in_three_stages() {
    let pipeline: Value = event("pipeline-150");
    let quantities: Vec<_> =
        pipeline["stages"].as_array().unwrap().iter().map(|stage| stage["quantity"].as_u64().unwrap()).collect();
    assert_eq!(quantities, [50, 50, 50]);
}
