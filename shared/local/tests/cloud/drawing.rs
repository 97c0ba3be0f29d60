//! Jobs drawn by the whole deployment.

use serde_json::{Value, json};

use crate::harness::{Cloud, kill, pause};

fn stages(job: &Value, field: &str) -> Vec<u64> {
    job["stages"].as_array().unwrap().iter().map(|stage| stage[field].as_u64().unwrap()).collect()
}

/// Workers and the reconciler die in mid-job; the provider fails one call in ten.
#[tokio::test]
async fn a_job_is_drawn_whole_though_its_functions_are_killed() {
    let cloud = Cloud::up("test-kill", &["--failure-rate", "0.1", "--parameter", "ImageTimeoutSeconds=30"]).await;
    let token = cloud.token("ann");
    cloud.grant("ann", 10_000);
    let body = json!({ "stages": [
        { "prompt": "A chase over wet roofs", "quantity": 24 },
        { "prompt": "A kitchen in the morning", "aspectRatio": "3:4", "quantity": 16 },
    ] });
    let id = cloud.submit(&token, &body).await;
    let mut killed = 0;
    while killed < 2 {
        pause(300).await;
        let job = cloud.job(&token, &id).await;
        assert_ne!(job["status"], "COMPLETED", "the job was faster than its killer");
        if job["progress"]["stored"].as_u64().unwrap() >= 4 {
            for pid in cloud.processes("GenerateImageFunction").into_iter().take(2) {
                kill(pid);
                killed += 1;
            }
            cloud.processes("CompleteFunction").into_iter().for_each(kill);
        }
    }
    let job = cloud.ended(&token, &id).await;
    assert_eq!(job["status"], "COMPLETED", "{job}");
    assert_eq!(stages(&job, "stored"), [24, 16]);
    assert_eq!(job["fileIds"].as_array().unwrap().len(), 40);
    let credits = &job["credits"];
    assert_eq!((&credits["captured"], &credits["released"]), (&credits["held"], &json!(0)));
    let images = cloud.images(&token, &id).await;
    let places: Vec<_> =
        images.iter().map(|image| (image["stage"].as_u64().unwrap(), image["slot"].as_u64().unwrap())).collect();
    let expected: Vec<_> = (0..24).map(|slot| (0, slot)).chain((0..16).map(|slot| (1, slot))).collect();
    assert_eq!(places, expected, "ST-2: stage, then slot");
    let files: Vec<_> = images.iter().map(|image| image["fileId"].clone()).collect();
    assert_eq!(Some(&files), job["fileIds"].as_array());
}

/// A refusal is scripted by prompt: that stage ends short, says why, and gives its credits back.
#[tokio::test]
async fn a_refused_stage_ends_short_with_its_reasons() {
    let rules = json!({ "rules": [{
        "match": { "prompt_contains": "forbidden" }, "fault": { "kind": "blocked", "reason": "SAFETY" },
    }] });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rules.to_string()).unwrap();
    let cloud = Cloud::up("test-refusal", &["--failure-rate", "0", "--faults", file.path().to_str().unwrap()]).await;
    let token = cloud.token("ann");
    cloud.grant("ann", 1_000);
    let body = json!({ "stages": [
        { "prompt": "A harbour", "quantity": 3 }, { "prompt": "A forbidden scene", "quantity": 2 },
    ] });
    let id = cloud.submit(&token, &body).await;
    let job = cloud.ended(&token, &id).await;
    assert_eq!(job["status"], "PARTIAL", "{job}");
    assert_eq!((stages(&job, "stored"), stages(&job, "givenUp")), (vec![3, 0], vec![0, 2]));
    let failures: Vec<_> =
        job["stages"][1]["failures"].as_array().unwrap().iter().map(|failure| failure["code"].clone()).collect();
    assert_eq!(failures, ["refused", "refused"]);
    let [held, captured, released] =
        ["held", "captured", "released"].map(|name| job["credits"][name].as_u64().unwrap());
    assert_eq!((held, captured * 2, released * 3), (captured + released, released * 3, captured * 2));
}
