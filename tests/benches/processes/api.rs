//! api-jobs: requests that are turned away, and polls of a job.

use std::process::Command;

use toonmill_tests::stage;

use super::usage::usage;
use crate::lambda::{
    Lambda, programs,
    world::{poll, token, world},
};

const WARM: usize = 200;
const REQUESTS: usize = 5_000;

pub(crate) fn requests() {
    let program = programs::functions().join("api-jobs");
    let world = world();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let job = runtime.block_on(world.submit(vec![stage("a crowd", 20); 3])).to_string();
    println!("api-jobs                                     CPU a request    memory");
    for (name, token, status) in [("without a token", "none", 401), ("a poll of a job", token().as_str(), 200)] {
        let mut function = Lambda::start(&world.network, Vec::new(), Command::new(&program));
        let event = poll(&job, token);
        let mut invoke = |times| {
            for _ in 0..times {
                let answer: serde_json::Value = serde_json::from_slice(&function.invoke(event.clone())).unwrap();
                assert_eq!(answer.get("statusCode"), Some(&status.into()), "{answer}");
            }
            usage(function.child.id())
        };
        let warm = invoke(WARM);
        let used = invoke(REQUESTS);
        let each = |from: f64, to: f64| (to - from) / f64::from(u32::try_from(REQUESTS).unwrap());
        println!(
            "{name:<38} {:>6.3} ms (+{:.3}) {:>6.1} MB",
            each(warm.user_ms, used.user_ms),
            each(warm.system_ms, used.system_ms),
            used.peak_mb
        );
        function.stop();
    }
}
