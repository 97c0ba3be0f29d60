//! The cleanup of a world in which records are spoiled.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use toonmill_cloud::table::DUE_SHARDS;
use toonmill_flows::{
    Clock,
    cleanup::{Cleaned, Cleaner},
};
use toonmill_tests::Fate;

use super::{
    DAMAGES,
    museum::{KEPT, Museum, SORTS},
    put, spoil,
};

async fn clean(museum: &Museum) -> Cleaned {
    museum.world.cleaner(KEPT).clean(false).await.unwrap()
}

fn left(cleaned: &Cleaned) -> (usize, usize) {
    (cleaned.unreadable, cleaned.failed)
}

#[tokio::test]
async fn each_sort_of_record_spoiled_in_each_way_stops_only_itself() {
    const JOBS: usize = 4;
    const FILES: usize = 6;
    for sort in &SORTS {
        for damage in DAMAGES {
            let museum = Museum::open(JOBS, FILES).await;
            let (pk, sk) = (sort.key)(&museum);
            let whole = spoil(&museum.world, (&pk, &sk), damage, sort.spots).await;
            let cleaned = clean(&museum).await;
            let case = format!("{} {damage:?}", sort.name);
            assert_eq!(left(&cleaned), (1, 0), "{case}");
            let others = (JOBS - usize::from(!sort.is_file), FILES - usize::from(sort.is_file));
            assert_eq!((cleaned.jobs, cleaned.temporary_files), others, "{case}");
            assert_eq!((museum.jobs_left(), museum.files_left()), (JOBS - others.0, FILES - others.1), "{case}");
            assert!(!cleaned.unfinished, "{case}");
            // It is put off for an hour, and is then looked at again.
            assert_eq!(left(&clean(&museum).await), (0, 0), "{case}");
            museum.world.wait(Duration::from_secs(3_601));
            assert_eq!(left(&clean(&museum).await), (1, 0), "{case}");
            put(&museum.world, whole).await;
            museum.world.wait(Duration::from_secs(3_601));
            assert_eq!(left(&clean(&museum).await), (0, 0), "{case}");
            assert_eq!((museum.jobs_left(), museum.files_left()), (0, 0), "{case}: it is mended");
        }
    }
}

#[tokio::test]
async fn two_hundred_items_are_cleaned_up_beside_one_spoiled_record_of_each_sort() {
    let museum = Museum::open(60, 140).await;
    for (sort, damage) in SORTS.iter().zip(DAMAGES) {
        let (pk, sk) = (sort.key)(&museum);
        spoil(&museum.world, (&pk, &sk), damage, sort.spots).await;
    }
    museum.world.network.take_calls();
    let cleaned = clean(&museum).await;
    let calls = museum.world.network.take_calls().len();
    assert_eq!(left(&cleaned), (4, 0));
    assert_eq!((cleaned.jobs, cleaned.temporary_files), (57, 139));
    assert_eq!((museum.jobs_left(), museum.files_left()), (3, 1));
    println!("{calls} calls for 200 items");
    // A file takes three calls, and a job of one picture about a dozen.
    assert!(calls <= 140 * 3 + 60 * 14 + 2 * usize::from(DUE_SHARDS) + 8, "{calls} calls");
}

#[tokio::test]
async fn a_plan_that_cannot_be_read_leaves_its_job_and_no_other() {
    let museum = Museum::open(3, 0).await;
    let key = toonmill_cloud::blobs::plan_key(museum.jobs[0]);
    let sha256 = toonmill_domain::sha256::hex_of(b"{ half a pl");
    museum.world.blobs.put(&key, "application/json", &sha256, b"{ half a pl".to_vec()).await.unwrap();
    let cleaned = clean(&museum).await;
    assert_eq!((left(&cleaned), cleaned.jobs), ((1, 0), 2));
}

#[tokio::test]
async fn a_shard_whose_query_fails_is_the_next_runs_and_only_all_of_them_are_an_error() {
    let museum = Museum::open(0, 20).await;
    // Its first query, with the tries that the SDK makes.
    for _ in 0..3 {
        museum.world.network.doom("DynamoDB.Query", Fate::ServerError);
    }
    let cleaned = clean(&museum).await;
    assert_eq!((cleaned.failed_queries, cleaned.temporary_files), (1, 18), "two of twenty are in that shard");
    for _ in 0..3 * 2 * usize::from(DUE_SHARDS) {
        museum.world.network.doom("DynamoDB.Query", Fate::ServerError);
    }
    museum.world.cleaner(KEPT).clean(false).await.unwrap_err();
    assert_eq!((clean(&museum).await.temporary_files, museum.files_left()), (2, 0));
}

#[tokio::test]
async fn what_storage_cannot_do_for_now_is_tried_again_by_the_next_run() {
    let museum = Museum::open(0, 3).await;
    // Of each file, with the tries that the SDK makes.
    for _ in 0..3 * 3 {
        museum.world.network.doom("S3.DeleteObjects", Fate::ServerError);
    }
    assert_eq!(left(&clean(&museum).await), (0, 3));
    let again = clean(&museum).await;
    assert_eq!((left(&again), museum.files_left()), ((0, 0), 0), "nothing was put off");
}

#[tokio::test]
async fn a_run_whose_time_is_up_says_that_it_is_behind_and_the_next_goes_on_elsewhere() {
    let museum = Museum::open(0, 200).await;
    // Each look at the clock takes a second, and the run has twenty.
    let (now, looks) = (museum.world.now(), AtomicI64::new(0));
    let clock = Clock::new(move || now.plus(Duration::from_secs(looks.fetch_add(1, Ordering::Relaxed).unsigned_abs())));
    let hurried = |first_shard| Cleaner {
        clock: clock.clone(),
        stop_at: now.plus(Duration::from_secs(20)),
        first_shard,
        ..museum.world.cleaner(KEPT)
    };
    let cleaned = hurried(0).clean(false).await.unwrap();
    assert!(cleaned.unfinished && cleaned.temporary_files > 0, "{cleaned:?}");
    assert!(cleaned.temporary_files < 200, "{cleaned:?}");
    assert_eq!(cleaned.oldest_due_ms, 24 * 3_600_000, "they were due for a day");
    let rest = clean(&museum).await;
    assert_eq!((rest.unfinished, museum.files_left()), (false, 0));
    assert_eq!(rest.temporary_files, 200 - cleaned.temporary_files);
}

#[tokio::test]
async fn a_run_begins_with_the_shard_that_it_is_told() {
    for first_shard in [0, 4, 9] {
        let museum = Museum::open(0, 10).await;
        // The first query fails, with the tries that the SDK makes: what it would have found is left.
        for _ in 0..3 {
            museum.world.network.doom("DynamoDB.Query", Fate::ServerError);
        }
        let cleaned = Cleaner { first_shard, ..museum.world.cleaner(KEPT) }.clean(false).await.unwrap();
        assert_eq!((cleaned.temporary_files, museum.files_left()), (9, 1));
        let left = museum.files[usize::from(first_shard)];
        assert!(museum.world.network.dynamo().item(&format!("FILE#{left}"), "A").is_some(), "shard {first_shard}");
    }
}
