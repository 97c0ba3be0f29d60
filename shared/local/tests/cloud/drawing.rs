//! Jobs drawn by the whole deployment.

use std::collections::BTreeSet;

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

/// A refusal is scripted by prompt: that stage ends short, says why, and gives exactly its credits back. Once the provider
/// has changed its mind, a retry draws what is missing, and every ledger still adds up.
#[tokio::test]
async fn a_refused_stage_ends_short_with_its_reasons_and_a_retry_completes_it() {
    let rules = json!({ "rules": [
        { "match": { "prompt_contains": "forbidden" }, "fault": { "kind": "blocked", "reason": "SAFETY" } },
        { "match": { "prompt_contains": "twins" }, "rate": 0.4, "fault": { "kind": "duplicate" } },
    ] });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rules.to_string()).unwrap();
    let cloud = Cloud::up("test-refusal", &["--failure-rate", "0", "--faults", file.path().to_str().unwrap()]).await;
    let token = cloud.token("ann");
    cloud.grant("ann", 2_000);
    let body = json!({ "stages": [
        { "prompt": "A harbour", "quantity": 3 }, { "prompt": "A forbidden scene", "quantity": 2 },
    ] });
    let id = cloud.submit(&token, &body).await;
    let job = cloud.ended(&token, &id).await;
    assert_eq!(job["status"], "PARTIAL", "{job}");
    assert_eq!((stages(&job, "stored"), stages(&job, "givenUp")), (vec![3, 0], vec![0, 2]));
    assert_eq!(stages(&job, "round"), [1, 1], "what is refused twice is given up at once");
    let failures = json!([
        { "slot": 0, "code": "refused", "attempts": 2 }, { "slot": 1, "code": "refused", "attempts": 2 },
    ]);
    assert_eq!(job["stages"][1]["failures"], failures);
    assert_eq!(job["credits"], json!({ "held": 5 * 14, "captured": 3 * 14, "released": 2 * 14 }));
    assert_eq!(cloud.balance("ann"), (2_000 - 3 * 14, 0));

    let retry = format!("/api/v1/jobs/{id}/retry");
    assert_eq!(cloud.post(&retry, &cloud.token("eve"), &json!({})).await.status(), 404);
    cloud.script(&json!({ "rules": [rules["rules"][1].clone()] })).await;
    let answer = cloud.post(&retry, &token, &json!({})).await;
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
        (202, &retry[..retry.len() - 6])
    );
    let job = cloud.ended(&token, &id).await;
    assert_eq!((&job["status"], stages(&job, "stored")), (&json!("COMPLETED"), vec![3, 2]), "{job}");
    assert_eq!(job["credits"], json!({ "held": 7 * 14, "captured": 5 * 14, "released": 2 * 14 }));
    assert_eq!(cloud.balance("ann"), (2_000 - 5 * 14, 0));
    assert_eq!(cloud.post(&retry, &token, &json!({})).await.status(), 409);
    a_receipt_is_checked_offline(&cloud, &token, &id).await;
    no_two_images_have_the_same_bytes(&cloud, &token).await;
    let audit = cloud.command(&["audit", "--job", &id]);
    let said = String::from_utf8(audit.stdout).unwrap();
    assert!(audit.status.success() && said == "audit: ledgers re-added: 1, violations: 0\n", "{said}");
}

/// As a customer would: the receipt and the pictures in a folder, the keys from the API; then with a byte flipped.
async fn a_receipt_is_checked_offline(cloud: &Cloud, token: &str, id: &str) {
    let folder = tempfile::tempdir().unwrap();
    let receipt = cloud.get(&format!("/api/v1/jobs/{id}/receipt"), token).await.text().await.unwrap();
    std::fs::write(folder.path().join("receipt.json"), receipt).unwrap();
    let mut last = folder.path().to_owned();
    for image in cloud.images(token, id).await {
        last = folder
            .path()
            .join(format!("stage-{}", image["stage"]))
            .join(format!("{:03}.webp", image["slot"].as_u64().unwrap()));
        std::fs::create_dir_all(last.parent().unwrap()).unwrap();
        std::fs::write(&last, cloud.download(&image).await).unwrap();
    }
    let verify = || {
        let paths =
            [folder.path().join("receipt.json"), folder.path().to_owned()].map(|path| path.display().to_string());
        let output = cloud.command(&["verify", &paths[0], &paths[1], "--keys", &cloud.url]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = verify();
    assert!(code == Some(0) && said.starts_with("receipt verified: "), "{said}");
    let mut bytes = std::fs::read(&last).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&last, bytes).unwrap();
    let (code, said) = verify();
    assert!(code == Some(1) && said.starts_with("wrong: stage-1/001.webp has the sha256 "), "{said}");
}

/// Two answers in five are the bytes of an earlier picture: fifty slots still come to fifty different ones.
async fn no_two_images_have_the_same_bytes(cloud: &Cloud, token: &str) {
    let id = cloud.submit(token, &json!({ "stages": [{ "prompt": "The twins", "quantity": 50 }] })).await;
    let job = cloud.ended(token, &id).await;
    assert_eq!(job["status"], "COMPLETED", "{job}");
    let images = cloud.images(token, &id).await;
    let hashes: BTreeSet<_> = images.iter().map(|image| image["sha256"].as_str().unwrap()).collect();
    assert_eq!((images.len(), hashes.len()), (50, 50));
    let refused = &job["statistics"]["byProvider"]["gemini"]["failures"]["duplicate_image"];
    assert!(refused.as_u64().unwrap() >= 5, "the provider did not repeat itself: {job}");
    assert_eq!(job["statistics"]["byProvider"]["gemini"]["waste"], *refused, "each was paid for");
}
