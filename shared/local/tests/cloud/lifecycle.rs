//! The launcher itself: found by the next one, and gone without a trace.

use serde_json::json;

use crate::harness::{Cloud, is_alive, launcher, pause};

#[tokio::test]
async fn a_second_up_finds_the_first_and_a_killed_one_leaves_no_process() {
    let mut cloud = Cloud::up("test-life", &[]).await;
    let second = cloud.command(&["up", "--port", "0"]);
    let said = String::from_utf8(second.stdout).unwrap();
    assert!(second.status.success() && said.contains(&cloud.url) && said.contains(&cloud.pid().to_string()), "{said}");
    // A function has run, so that there is a process to be left behind.
    assert_eq!(cloud.get("/api/v1/health", "-").await.status(), 200);
    let mut processes = cloud.processes("ApiJobsFunction");
    assert!(!processes.is_empty());
    // Somebody looks at a job, by a process of the launcher's own.
    let token = cloud.token("ann");
    cloud.grant("ann", 10_000);
    let id = cloud.submit(&token, &json!({ "stages": [{ "prompt": "A crowd", "quantity": 100 }] })).await;
    let stream = cloud.get(&format!("/api/v1/jobs/{id}/events"), &token).await;
    let streaming = cloud.processes("JobEventsFunction");
    assert_eq!((stream.status().as_u16(), streaming.len()), (200, 1));
    processes.extend(streaming);
    processes.push(cloud.emulator_pid);
    cloud.kill();
    for _ in 0..100 {
        if !processes.iter().copied().any(is_alive) {
            break;
        }
        pause(100).await;
    }
    processes.retain(|pid| is_alive(*pid));
    assert!(processes.is_empty(), "left behind: {processes:?}");
    let token = launcher("test-life").arg("token").output().unwrap();
    assert!(token.status.success(), "a stale state does not matter");
}
