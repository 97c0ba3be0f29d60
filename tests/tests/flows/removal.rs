//! The cleanup: orphans, temporary files, and jobs past their retention.

use std::time::Duration;

use toonmill_cloud::table::{File, FileState, UploadQuota};
use toonmill_domain::{Fence, FileId, Naming, SlotIndex, StagePlan};
use toonmill_tests::{Artist, World, again, stage};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn the_object_of_a_losing_attempt_is_removed_and_the_stored_one_stays() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a double exposure", 1)]).await;
    world.reconcile_all().await;
    let message = world.take_images().remove(0);
    // A worker that put its object and died.
    let dead = world.delivery();
    world.table.claim(&message, &dead.holder, dead.deadline, world.now()).await.unwrap();
    let plan = world.plan(job).await;
    let orphan = format!("{}/000/0000-f1-deadbeef.webp", plan.object_prefix);
    let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    world.blobs.put(&orphan, "image/webp", sha256, Vec::new()).await.unwrap();
    world.wait(Duration::from_secs(80));
    world.ring(job).await;
    world.run().await;
    world.wait(Duration::from_secs(3_601));
    let dry = world.cleaner(DAY * 90).clean(true).await.unwrap();
    assert_eq!((dry.orphan_objects, world.object_keys().contains(&orphan)), (1, true));
    let cleaned = world.cleaner(DAY * 90).clean(false).await.unwrap();
    assert_eq!((cleaned.orphan_objects, world.object_keys().contains(&orphan)), (1, false));
    assert_eq!(world.cleaner(DAY * 90).clean(false).await.unwrap().orphan_objects, 0);
    world.audit(job).await;
}

#[tokio::test]
async fn a_cleanup_that_began_before_a_retry_leaves_what_the_retry_draws() {
    let world = World::new(Artist::new(|_, call| match call {
        1 => Err(toonmill_domain::Failure::new(toonmill_domain::FailureCode::BadRequest)),
        _ => Ok(toonmill_tests::picture(call)),
    }));
    let job = world.submit(vec![stage("a second thought", 1)]).await;
    world.run().await;
    world.wait(Duration::from_secs(3_601));
    // The cleanup reads the slots, then somebody retries, then it lists the objects.
    let gone = world.network.pause_before("S3.ListObjectsV2");
    let cleaner = world.cleaner(DAY * 90);
    let cleaning = cleaner.clean(false);
    let retry = async {
        world.retrier.retry(&again(job, "ann")).await.unwrap();
        world.run().await;
        gone.notify_one();
    };
    let (found, ()) = tokio::join!(cleaning, retry);
    assert_eq!(found.unwrap().orphan_objects, 0);
    world.audit(job).await;
}

#[tokio::test]
async fn a_job_past_its_retention_goes_whole_and_its_ledger_stays() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("yesterday's news", 3)]).await;
    world.run().await;
    world.wait(DAY * 91);
    let cleaned = world.cleaner(DAY * 90).clean(false).await.unwrap();
    assert_eq!((cleaned.jobs, cleaned.job_objects), (1, 4));
    assert!(world.object_keys().is_empty(), "{:?}", world.object_keys());
    assert!(world.table.load_job(job).await.unwrap().is_none());
    let ann = "ann".parse().unwrap();
    assert!(world.table.list_jobs(&ann, None, 10).await.unwrap().is_empty());
    assert_eq!(world.table.load_ledger(&ann).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_temporary_file_goes_after_its_day_unless_a_job_needs_it_longer() {
    let world = World::new(Artist::tireless());
    let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let file = |number: u128| File {
        id: FileId::new(uuid::Uuid::from_u128(number)),
        account: "ann".parse().unwrap(),
        state: FileState::Live,
        job: None,
        object_key: format!("accounts/ann/uploads/{number}.png"),
        mime_type: "image/png".to_owned(),
        size_bytes: 0,
        counted_bytes: Some(0),
        sha256: Some(sha256.to_owned()),
        pixels: None,
        turned: false,
        created_at: world.now(),
        expires_at: Some(world.now().plus(DAY)),
        saved: false,
    };
    for number in [1, 2] {
        world.blobs.put(&file(number).object_key, "image/png", sha256, Vec::new()).await.unwrap();
        world.table.create_upload(&file(number), UploadQuota { files: 2, bytes: 0 }).await.unwrap().unwrap();
    }
    assert!(world.table.keep_file_until(file(2).id, world.now().plus(DAY * 3)).await.unwrap());
    world.wait(DAY + Duration::from_secs(1));
    let told = world.cleaner(DAY * 90).clean(true).await.unwrap();
    assert_eq!((told.temporary_files, told.would_go), (1, vec![file(1).object_key]));
    assert_eq!(world.object_keys().len(), 2, "a dry run removes nothing");
    assert_eq!(world.cleaner(DAY * 90).clean(false).await.unwrap().temporary_files, 1);
    assert_eq!(world.object_keys(), [file(2).object_key]);
    let ann = "ann".parse().unwrap();
    assert!(world.table.load_file(file(1).id, &ann).await.unwrap().is_none());
    assert!(world.table.load_file(file(2).id, &ann).await.unwrap().is_some());
}

/// A stage whose files lie under a cut and go after a day.
fn of_a_cut(prompt: &str) -> StagePlan {
    let naming = Naming { folder: "cut-1/_".to_owned(), stem: "monster".to_owned() };
    StagePlan { naming: Some(naming), temporary: true, ..stage(prompt, 1) }
}

#[tokio::test]
async fn among_the_files_of_a_cut_only_the_losing_attempts_object_is_removed() {
    let world = World::new(Artist::tireless());
    // Two jobs of one cut: their files lie side by side.
    let jobs = [world.submit(vec![of_a_cut("a wolf")]).await, world.submit(vec![of_a_cut("a bear")]).await];
    world.reconcile_all().await;
    let message = world.take_images().into_iter().find(|message| message.job == jobs[0]).unwrap();
    let dead = world.delivery();
    world.table.claim(&message, &dead.holder, dead.deadline, world.now()).await.unwrap();
    let plan = world.plan(jobs[0]).await;
    let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let orphan = plan.place(&plan.stages[0]).key(message.key(), Fence(1), sha256, "webp");
    world.blobs.put(&orphan, "image/webp", sha256, Vec::new()).await.unwrap();
    world.wait(Duration::from_mins(30));
    for job in jobs {
        world.ring(job).await;
    }
    world.run().await;
    let pictures = || world.object_keys().into_iter().filter(|key| key.starts_with("accounts/ann/cut-1/_/monster-"));
    assert_eq!(pictures().count(), 3);
    world.wait(Duration::from_secs(3_601));
    assert_eq!(world.cleaner(DAY * 90).clean(false).await.unwrap().orphan_objects, 1);
    assert_eq!((pictures().count(), world.object_keys().contains(&orphan)), (2, false));
    for job in jobs {
        world.audit(job).await;
    }
}

#[tokio::test]
async fn a_temporary_file_outlives_its_job_if_another_job_needs_it() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![of_a_cut("a wolf"), stage("a page", 1)]).await;
    world.run().await;
    let (_, stages) = world.job(job).await;
    let file = FileId::of_slot(stages[0].key.slot(SlotIndex(0)));
    assert!(world.table.keep_file_until(file, world.now().plus(DAY * 10)).await.unwrap());
    world.wait(DAY * 2);
    let cleaned = world.cleaner(DAY).clean(false).await.unwrap();
    assert_eq!((cleaned.jobs, cleaned.job_objects, cleaned.temporary_files), (1, 2, 0), "the page and the plan");
    assert!(world.table.load_job(job).await.unwrap().is_none());
    let ann = "ann".parse().unwrap();
    assert!(world.table.load_file(file, &ann).await.unwrap().is_some());
    assert_eq!(world.object_keys().len(), 1);
    world.wait(DAY * 9);
    assert_eq!(world.cleaner(DAY).clean(false).await.unwrap().temporary_files, 1);
    assert!(world.object_keys().is_empty());
}
