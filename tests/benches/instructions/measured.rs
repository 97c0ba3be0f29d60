//! Everything that is counted.

use std::path::Path;

use toonmill_tests::stage;

use super::{callgrind::Run, figures::Measured};
use crate::lambda::{
    Lambda,
    acts::{ACTS, ring, submitted},
    programs,
    world::{poll, token, world},
};

/// Above what the runtime takes for itself.
const MOST_OF_A_START: u64 = 3_000_000;
const FUNCTIONS: [&str; 4] = ["api-accounts", "api-jobs", "complete", "generate-image"];
const PICTURE_SIDE: &str = "1024";

/// By the folder of the functions.
type Count = fn(&Path) -> Vec<Measured>;

const KINDS: [(&str, Count); 4] =
    [("starts", starts), ("requests", requests), ("pictures", pictures), ("reconciles", reconciles)];

/// All of one kind, or of every kind. None if there is no such kind.
pub(crate) fn of(asked: Option<&str>) -> Option<Vec<Measured>> {
    let kinds: Vec<_> = KINDS.iter().filter(|(kind, _)| asked.is_none_or(|asked| asked == *kind)).collect();
    if kinds.is_empty() {
        return None;
    }
    let functions = programs::functions();
    Some(kinds.into_iter().flat_map(|(_, count)| count(&functions)).collect())
}

/// From the first instruction to the question for the first event, the loader's and the runtime's part included; of functions
/// as much as is more than that of `shared/runtime/examples/hello.rs`, which does nothing.
fn starts(functions: &Path) -> Vec<Measured> {
    let start = |program: &Path| {
        let run = Run::new();
        let mut function = Lambda::start(&world().network, Vec::new(), run.of(program));
        function.wait_until_idle();
        function.stop();
        run.instructions()
    };
    let hello = start(&programs::example("toonmill-runtime", "hello"));
    let first = Measured { name: "a start: the runtime's own".to_owned(), instructions: hello, most: None };
    let functions = FUNCTIONS.map(|name| Measured {
        name: format!("a start: {name}, above the runtime's own"),
        instructions: start(&functions.join(name)).saturating_sub(hello),
        most: Some(MOST_OF_A_START),
    });
    std::iter::once(first).chain(functions).collect()
}

fn requests(functions: &Path) -> Vec<Measured> {
    let program = &functions.join("api-jobs");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let token = token();
    [("without a token", "none"), ("a poll of a job", &*token)]
        .map(|(name, token)| {
            let requests = |times| {
                // A world of its own: a process counts every request of somebody whom another has counted too.
                let world = world();
                let job = runtime.block_on(world.submit(vec![stage("a crowd", 20); 3])).to_string();
                let run = Run::new();
                let mut function = Lambda::start(&world.network, Vec::new(), run.of(program));
                (0..times).for_each(|_| drop(function.invoke(poll(&job, token))));
                function.stop();
                run.instructions()
            };
            let name = format!("a warm request of api-jobs: {name}");
            Measured { name, instructions: each(requests(10), requests(60), 50), most: None }
        })
        .into()
}

/// From a provider's bytes to what is stored.
fn pictures(_: &Path) -> Vec<Measured> {
    let program = &programs::example("toonmill-imaging", "pictures");
    let folder = tempfile::tempdir().unwrap();
    ["png", "jpeg", "webp"]
        .map(|format| {
            let file = folder.path().join(format);
            let made = std::process::Command::new(program).args(["make", format, PICTURE_SIDE]).arg(&file).status();
            assert!(made.unwrap().success());
            let store = |times: &str| {
                let run = Run::new();
                assert!(run.of(program).arg("store").arg(&file).arg(times).status().unwrap().success());
                run.instructions()
            };
            let name = format!("a picture of {PICTURE_SIDE}x{PICTURE_SIDE}: {format}");
            Measured { name, instructions: each(store("1"), store("3"), 2), most: None }
        })
        .into()
}

fn reconciles(functions: &Path) -> Vec<Measured> {
    let program = &functions.join("complete");
    let (few, many) = (100, 300);
    ACTS.map(|(name, prepare)| {
        let reconcile = |slots| {
            let world = world();
            let (job, _) = prepare(&world, slots);
            let run = Run::new();
            let mut function = Lambda::start(&world.network, Vec::new(), run.of(program));
            function.invoke(ring(submitted(&world, 5).0));
            function.invoke(ring(job));
            function.stop();
            run.instructions()
        };
        let instructions = each(reconcile(few), reconcile(many), u64::from(many - few));
        Measured { name: format!("a slot, when complete {name}"), instructions, most: None }
    })
    .into()
}

/// What each of `more` takes by which one run had more than the other.
fn each(fewer: u64, more: u64, by: u64) -> u64 {
    more.saturating_sub(fewer) / by
}
