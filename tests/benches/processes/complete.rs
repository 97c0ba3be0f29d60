//! complete, on jobs of up to the most slots that one can have.

use std::process::Command;

use super::usage::usage;
use crate::lambda::{
    Lambda,
    acts::{ACTS, ring, submitted},
    programs,
    world::world,
};

/// As `MemorySize` of its function in `template.yaml`.
const MOST_MB: f64 = 512.0;
const SLOTS: [u32; 3] = [500, 1_000, 5_000];

pub(crate) fn jobs() {
    let program = programs::functions().join("complete");
    println!("complete                      slots   done       CPU      a slot    memory");
    for (name, prepare) in ACTS {
        for slots in SLOTS {
            let world = world();
            let (job, missing) = prepare(&world, slots);
            let mut function = Lambda::start(&world.network, Vec::new(), Command::new(&program));
            // What a process does but once is no part of it.
            function.invoke(ring(submitted(&world, 5).0));
            world.take_images();
            let before = usage(function.child.id()).user_ms;
            let answer = function.invoke(ring(job));
            assert_eq!(answer, r#"{"batchItemFailures":[]}"#, "{}", String::from_utf8_lossy(&answer));
            let used = usage(function.child.id());
            function.stop();
            let user_ms = used.user_ms - before;
            let done = missing.unwrap_or_else(|| u32::try_from(world.take_images().len()).unwrap());
            let each = user_ms / f64::from(done);
            println!("{name:<28} {slots:>6} {done:>6} {user_ms:>6.0} ms {each:>8.3} ms {:>6.1} MB", used.peak_mb);
            assert!(used.peak_mb < MOST_MB, "its function has {MOST_MB} MB");
        }
    }
}
