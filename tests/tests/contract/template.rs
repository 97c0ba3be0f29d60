//! `template.yaml` against the code.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml_ng::{Mapping, Value};
use toonmill_domain::Limit;
use toonmill_providers::Kind;
use toonmill_runtime::settings::names;
use toonmill_tests::template::{TEMPLATE, bare, queue_events, resources_of, statements, strings};

use super::functions;

fn lambda_functions() -> Vec<(String, Mapping)> {
    resources_of("AWS::Serverless::Function")
}

fn pascal_case(folder: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    folder.split('-').map(capital).collect()
}

/// The seconds of a time-out, which may be a parameter: then its largest value counts.
fn seconds(value: &Value) -> u64 {
    match value {
        Value::Tagged(tagged) => TEMPLATE["Parameters"][tagged.value.as_str().unwrap()]["MaxValue"].as_u64().unwrap(),
        value => value.as_u64().unwrap(),
    }
}

fn time_out(function: &Mapping) -> u64 {
    let own = &function["Properties"]["Timeout"];
    if own.is_null() { seconds(&TEMPLATE["Globals"]["Function"]["Timeout"]) } else { seconds(own) }
}

#[test]
fn every_function_folder_is_a_resource_that_builds_its_binary() {
    let in_template: BTreeSet<_> = lambda_functions()
        .into_iter()
        .map(|(id, function)| (id, function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap().to_owned()))
        .collect();
    let in_folders: BTreeSet<_> = functions().into_iter().map(|folder| (pascal_case(&folder), folder)).collect();
    assert_eq!(in_template, in_folders);
}

#[test]
fn every_function_has_a_role_of_its_own_without_wildcards() {
    let roles: BTreeSet<_> = resources_of("AWS::IAM::Role").into_iter().map(|(id, _)| id).collect();
    for (id, function) in lambda_functions() {
        let role = bare(&function["Properties"]["Role"]).as_str().unwrap().trim_end_matches(".Arn").to_owned();
        assert_eq!(role, format!("{id}Role"));
        assert!(roles.contains(&role), "{role}");
    }
    for (id, role) in resources_of("AWS::IAM::Role") {
        let text = serde_yaml_ng::to_string(&role["Properties"]["Policies"]).unwrap();
        let actions = text.lines().map(|line| line.trim().trim_start_matches("- "));
        for action in actions.filter(|line| line.contains(':') && line.starts_with(|c: char| c.is_ascii_lowercase())) {
            assert!(!action.ends_with('*') && !action.contains(":*"), "{id} may {action}");
        }
        assert!(!text.contains("Resource: '*'"), "{id} reaches everything");
    }
}

#[test]
fn every_setting_in_the_template_is_one_that_the_code_reads() {
    let known = names::OF_TEMPLATE.iter().chain(&["RUST_LOG"]).map(|name| (*name).to_owned());
    let known = known.chain(Kind::ALL.into_iter().flat_map(|kind| {
        let name = kind.as_str();
        [
            names::api_key(name),
            names::api_base_url(name),
            names::image_queue_url(name),
            names::requests_per_minute(name),
        ]
    }));
    // Those that write: Seedream has no text model to choose.
    let known = known.chain(["gemini", "openai"].map(names::text_model));
    let known = known.chain(Limit::ALL.iter().map(|limit| limit.setting().to_owned()));
    let known: BTreeSet<String> = known.collect();
    assert_eq!(names::image_queue_url("gemini"), "GEMINI_IMAGE_QUEUE_URL");
    assert_eq!(names::api_key("gemini"), "GEMINI_API_KEY");
    assert_eq!(names::api_base_url("gemini"), "GEMINI_API_BASE_URL");
    let mut given = BTreeSet::new();
    let globals = ("every function".to_owned(), TEMPLATE["Globals"]["Function"]["Environment"]["Variables"].clone());
    let own = lambda_functions().into_iter();
    let own = own.map(|(id, function)| (id, function["Properties"]["Environment"]["Variables"].clone()));
    for (id, variables) in own.chain([globals]) {
        for name in variables.as_mapping().into_iter().flat_map(Mapping::keys) {
            let name = name.as_str().unwrap().to_owned();
            assert!(known.contains(&name), "{id} is given {name}, which nothing reads");
            given.insert(name);
        }
    }
    assert_eq!(given, known, "no function is given some of what the code reads");
}

#[test]
fn every_provider_has_queues_and_a_concurrency_of_its_own() {
    let functions: BTreeMap<_, _> = lambda_functions().into_iter().collect();
    let text = |id: &str| serde_yaml_ng::to_string(&functions[id]["Properties"]["Environment"]).unwrap();
    let consumed = |id: &str| queue_events(&functions[id]).into_iter().collect::<BTreeMap<_, _>>();
    let (images, dead_letters) = (consumed("GenerateImage"), consumed("DeadLetter"));
    let mut concurrencies = BTreeSet::new();
    for kind in Kind::ALL {
        // OpenAI is OpenAi in logical ids.
        let prefix = format!("{kind:?}");
        let mapping = &images[&format!("{prefix}ImageQueue")];
        let concurrency = bare(&mapping["ScalingConfig"]["MaximumConcurrency"]).as_str().unwrap();
        assert_eq!(concurrency, format!("{prefix}MaxConcurrency"));
        concurrencies.insert(concurrency.to_owned());
        assert!(dead_letters.contains_key(&format!("{prefix}ImageDeadLetterQueue")), "{prefix}");
        for function in ["Complete", "GenerateImage"] {
            let url = format!("{}: !Ref {prefix}ImageQueue", names::image_queue_url(kind.as_str()));
            assert!(text(function).contains(&url), "{function} is not told where {prefix}'s images go");
        }
        let configured = format!("- Has{prefix}\n");
        let name = format!("- {}\n", kind.as_str());
        assert!(text("ApiJobs").contains(&configured) && text("ApiJobs").contains(&name), "{prefix}");
    }
    assert_eq!(concurrencies.len(), Kind::ALL.len());
}

#[test]
fn every_queue_waits_six_time_outs_and_has_a_dead_letter_queue_of_five_receives() {
    let queues = resources_of("AWS::SQS::Queue");
    let of = |id: &str| queues.iter().find(|(queue, _)| queue == id).unwrap_or_else(|| panic!("{id}")).1.clone();
    for (id, function) in lambda_functions() {
        for (queue, mapping) in queue_events(&function) {
            assert_eq!(mapping["FunctionResponseTypes"][0], "ReportBatchItemFailures", "{id} of {queue}");
            // Lambda needs these rights, and the function itself changes the visibility of what failed by weather.
            let consumes = statements(&id).into_iter().any(|statement| {
                let resources = strings(&statement["Resource"]);
                let actions = strings(&statement["Action"]);
                let all = ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage"];
                resources.contains(&queue) && all.iter().all(|action| actions.contains(&format!("sqs:{action}")))
            });
            assert!(consumes, "{id} may not consume {queue}");
            let visibility = of(&queue)["Properties"]["VisibilityTimeout"].as_u64().unwrap();
            assert!(visibility >= 6 * time_out(&function), "{queue} shows its messages again after {visibility} s");
        }
    }
    for (id, queue) in &queues {
        let retention = queue["Properties"]["MessageRetentionPeriod"].as_u64().unwrap();
        if id.contains("DeadLetter") {
            assert_eq!(retention, 14 * 86_400, "{id}");
        } else {
            assert_eq!(retention, 86_400, "{id}");
            assert_eq!(queue["Properties"]["RedrivePolicy"]["maxReceiveCount"], 5, "{id}");
        }
    }
}

#[test]
fn the_table_and_its_index_are_those_of_the_code() {
    let (_, table) = resources_of("AWS::DynamoDB::Table").remove(0);
    let index = &table["Properties"]["GlobalSecondaryIndexes"][0];
    assert_eq!(index["IndexName"], toonmill_cloud::table::DUE_INDEX);
    assert_eq!(index["KeySchema"][0]["AttributeName"], "dueShard");
    assert_eq!(index["KeySchema"][1]["AttributeName"], "nextCheckAt");
    assert_eq!(index["Projection"]["NonKeyAttributes"][0], "deadline");
    assert_eq!(table["Properties"]["TimeToLiveSpecification"]["AttributeName"], "expiresAt");
    assert_eq!(table["Properties"]["BillingMode"], "PAY_PER_REQUEST");
}

#[test]
fn the_bucket_is_private() {
    let (_, bucket) = resources_of("AWS::S3::Bucket").remove(0);
    let block = bucket["Properties"]["PublicAccessBlockConfiguration"].as_mapping().unwrap();
    assert_eq!(block.len(), 4);
    assert!(block.values().all(|value| value.as_bool() == Some(true)));
}
