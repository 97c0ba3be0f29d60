//! What a job comes to when all goes well, and when the provider does not.

use image::{Rgb, RgbImage};
use toonmill_domain::{Failure, FailureCode, FileId, JobStatus, Work};
use toonmill_providers::Drawing;
use toonmill_tests::{Artist, World, drawing, picture, stage};

#[tokio::test]
async fn a_job_of_two_stages_is_drawn_whole_and_charged_once() {
    let world = World::new(Artist::tireless());
    let job = world.submit(vec![stage("a rooftop chase", 5), stage("a quiet kitchen", 3)]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!(ended.status, JobStatus::Completed);
    assert_eq!((ended.held.get(), ended.captured.get(), ended.released.get()), (32, 32, 0));
    assert_eq!(stages.iter().map(|stage| stage.stored.len()).collect::<Vec<_>>(), [5, 3]);
    assert_eq!(world.artist.calls(), 8);
    let account = world.table.load_account(&"ann".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((account.balance.get(), account.held.get(), account.active.len()), (968, 0, 0));
    let slot = stages[1].key.slot(toonmill_domain::SlotIndex(2));
    let file = world.table.load_file(FileId::of_slot(slot), &ended.account).await.unwrap().unwrap();
    assert_eq!((file.mime_type.as_str(), file.pixels.map(|pixels| pixels.width)), ("image/webp", Some(64)));
    world.audit(job).await;
}

#[tokio::test]
async fn a_slot_that_fails_is_tried_again_and_then_in_the_next_round() {
    let number = std::sync::atomic::AtomicU32::new(0);
    let world = World::new(Artist::new(move |_, call| match call {
        1..=4 => Err(Failure::new(FailureCode::Overloaded)),
        _ => Ok(picture(number.fetch_add(1, std::sync::atomic::Ordering::Relaxed))),
    }));
    let job = world.submit(vec![stage("a duel at dawn", 1)]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, stages[0].round.0), (JobStatus::Completed, 2));
    let statistics = ended.statistics.as_ref().unwrap();
    assert_eq!((statistics.attempts, statistics.retried, statistics.recovered), (5, 1, 1));
    world.audit(job).await;
}

#[tokio::test]
async fn being_told_to_wait_uses_up_no_try() {
    let world = World::new(Artist::new(|_, call| match call {
        1..=20 => Err(Failure::new(FailureCode::RateLimited)),
        _ => Ok(picture(call)),
    }));
    let job = world.submit(vec![stage("a train in the rain", 1)]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!((ended.status, stages[0].round.0), (JobStatus::Completed, 1));
    world.audit(job).await;
}

#[tokio::test]
async fn the_same_bytes_do_not_fill_two_slots() {
    let world = World::new(Artist::new(|_, call| Ok(picture(call / 2))));
    let job = world.submit(vec![stage("twins", 6)]).await;
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    assert!(world.artist.calls() > 6);
    world.audit(job).await;
}

#[tokio::test]
async fn a_picture_of_another_ratio_is_not_stored() {
    let world = World::new(Artist::new(|_, call| Ok(picture(call))));
    let mut wide = stage("a panorama", 1);
    let Work::Image(image) = &mut wide.work else { panic!() };
    image.aspect_ratio = "21:9".parse().unwrap();
    let job = world.submit(vec![wide]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!(ended.status, JobStatus::Failed);
    let slots = world.table.load_slots(stages[0].key).await.unwrap();
    let slot = slots.values().next().unwrap();
    assert_eq!(slot.reason(), Some(FailureCode::InvalidImage));
    assert_eq!(slot.attempts.len(), 18, "three tries in each of six rounds");
    world.audit(job).await;
}

#[tokio::test]
async fn a_stage_larger_than_its_window_is_drawn_in_windows() {
    let mut world = World::new(Artist::tireless());
    (world.reconciler.window, world.worker.window) = (4, 4);
    let job = world.submit(vec![stage("a marching army", 23)]).await;
    world.reconcile_all().await;
    assert_eq!(world.job(job).await.1[0].dispatched, 4);
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    assert_eq!(world.artist.calls(), 23);
    world.audit(job).await;
}

/// Whatever a provider calls a picture is looked at before it is stored: each of these is tried again, says why, and the
/// picture that comes after it is the one that is kept.
#[tokio::test]
async fn only_a_whole_picture_of_something_in_the_right_ratio_is_stored() {
    let plain = |width, height| drawing(&RgbImage::from_pixel(width, height, Rgb([250, 250, 250])));
    let with = |bytes: &[u8]| Drawing { bytes: bytes.to_vec().into(), ..picture(1) };
    let whole = picture(1).bytes;
    let cases: [(&str, Drawing, &str); 5] = [
        ("blank", plain(64, 64), "the image is all one colour"),
        ("cut", with(&whole[..whole.len() / 2]), "the image ends before its end"),
        ("words", with(b"I cannot draw that."), "not a PNG, JPEG or WebP image"),
        ("nothing", with(b""), "not a PNG, JPEG or WebP image"),
        (
            "wide",
            drawing(&RgbImage::from_fn(
                96,
                64,
                |x, y| if (x + y) % 2 == 0 { Rgb([9, 9, 9]) } else { Rgb([200, 9, 9]) },
            )),
            "96x64 is not 1:1",
        ),
    ];
    for (name, bad, why) in cases {
        let world = World::new(Artist::new(move |_, call| match call {
            1 => Ok(Drawing { bytes: bad.bytes.clone(), ..picture(1) }),
            _ => Ok(picture(call)),
        }));
        let job = world.submit(vec![stage(name, 1)]).await;
        world.run().await;
        let (ended, stages) = world.job(job).await;
        assert_eq!((ended.status, world.artist.calls()), (JobStatus::Completed, 2), "{name}");
        let slots = world.table.load_slots(stages[0].key).await.unwrap();
        let attempt = &slots.values().next().unwrap().attempts[0];
        assert_eq!((attempt.code, attempt.detail.as_deref()), (FailureCode::InvalidImage, Some(why)), "{name}");
        let statistics = ended.statistics.as_ref().unwrap();
        assert_eq!(
            (statistics.waste, statistics.recovered, statistics.first_pass),
            (1, 1, 0),
            "{name}: it was paid for"
        );
        world.audit(job).await;
    }
}

#[tokio::test]
async fn a_provider_that_repeats_itself_fills_fifty_slots_with_fifty_pictures() {
    let world = World::new(Artist::new(|_, call| Ok(picture(call / 3))));
    let job = world.submit(vec![stage("again and again", 50)]).await;
    world.run().await;
    let (ended, stages) = world.job(job).await;
    assert_eq!(ended.status, JobStatus::Completed);
    let slots = world.table.load_slots(stages[0].key).await.unwrap();
    let hashes: std::collections::BTreeSet<_> =
        slots.values().map(|slot| slot.artifact.as_ref().unwrap().sha256.clone()).collect();
    assert_eq!((slots.len(), hashes.len()), (50, 50));
    let statistics = ended.statistics.unwrap();
    let gemini = &statistics.by_provider[&"gemini".parse().unwrap()];
    let repeated = gemini.failures[&FailureCode::DuplicateImage];
    assert!(repeated >= 90 && gemini.waste == repeated && gemini.stored == 50, "{gemini:?}");
    assert_eq!(statistics.attempts, u64::from(world.artist.calls()));
    world.audit(job).await;
}
