//! Cleanups that overlap, and items that take their time.

use std::time::Duration;

use toonmill_cloud::table::Uploads;
use toonmill_flows::cleanup::Cleaner;

use super::museum::{KEPT, Museum};

#[tokio::test]
async fn two_runs_at_once_remove_everything_once() {
    let museum = Museum::open(12, 24).await;
    let run = |first_shard| {
        let cleaner = Cleaner { first_shard, ..museum.world.cleaner(KEPT) };
        async move { cleaner.clean(false).await.unwrap() }
    };
    // From one end and from the other, and then both from the same.
    for (one, other) in [(0, 5), (3, 3)] {
        let (one, other) = tokio::join!(run(one), run(other));
        for run in [one, other] {
            assert_eq!((run.unreadable, run.failed, run.failed_queries), (0, 0, 0), "{run:?}");
        }
    }
    assert_eq!((museum.jobs_left(), museum.files_left()), (0, 0));
    assert!(museum.world.object_keys().is_empty(), "{:?}", museum.world.object_keys());
    // An upload that two runs had removed would be uncounted twice.
    let uploads = museum.world.table.load_uploads(&"ann".parse().unwrap()).await.unwrap();
    assert_eq!(uploads, Uploads { files: 0, bytes: 0 });
    for number in 0..12 {
        let account = format!("user-{number}").parse().unwrap();
        assert_eq!(museum.world.table.load_ledger(&account).await.unwrap().len(), 3, "the ledger stays");
    }
}

#[tokio::test]
async fn an_item_that_takes_its_time_holds_up_no_other() {
    let museum = Museum::open(0, 30).await;
    let go = museum.world.network.pause_before("S3.DeleteObjects");
    let cleaner = museum.world.cleaner(KEPT);
    let others = async {
        while museum.files_left() > 1 {
            tokio::task::yield_now().await;
        }
        go.notify_one();
    };
    let both = async { tokio::join!(cleaner.clean(false), others) };
    let (run, ()) = tokio::time::timeout(Duration::from_mins(1), both).await.unwrap();
    assert_eq!((run.unwrap().temporary_files, museum.files_left()), (30, 0));
}
