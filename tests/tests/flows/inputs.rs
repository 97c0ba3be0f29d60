//! Input pictures on their way to a provider: read, turned and shrunk once.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use toonmill_domain::{InputImage, JobStatus, PixelSize, StageIndex, StageKey, StagePlan, Work, sha256::hex_of};
use toonmill_flows::draw::Caches;
use toonmill_tests::{Artist, World, stage};

/// A photograph of 12 megapixels, as a phone held upright takes it: wide, with a note to turn it.
fn photograph() -> Vec<u8> {
    let pixels = RgbImage::from_fn(4_000, 3_000, |x, _| if x < 2_000 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) });
    let mut jpeg = Cursor::new(Vec::new());
    pixels.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    let jpeg = jpeg.into_inner();
    // EXIF with one entry: orientation (0x0112) 6, to be turned to the right.
    let note = b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let (start, rest) = jpeg.split_at(2);
    [start, note, rest].concat()
}

async fn put(world: &World, bytes: Vec<u8>) -> InputImage {
    let input = InputImage {
        object_key: "accounts/ann/uploads/photograph.jpg".to_owned(),
        sha256: hex_of(&bytes),
        mime_type: "image/jpeg".to_owned(),
        size_bytes: u64::try_from(bytes.len()).unwrap(),
        pixels: Some(PixelSize { width: 3_000, height: 4_000 }),
        turned: true,
    };
    world.blobs.put(&input.object_key, &input.mime_type, &input.sha256, bytes).await.unwrap();
    input
}

fn drawn_from(input: &InputImage, quantity: u32) -> StagePlan {
    let mut stage = stage("at night", quantity);
    let Work::Image(image) = &mut stage.work else { unreachable!("it draws") };
    image.inputs = vec![input.clone()];
    stage
}

/// Reads and writes of objects since the last time, without those of images and plans.
fn inputs_read_and_left(world: &World, images: usize) -> (usize, usize) {
    let calls = world.network.take_calls();
    let count = |name: &str| calls.iter().filter(|call| call.name() == name).count();
    (count("S3.GetObject") - 1, count("S3.PutObject") - images)
}

#[tokio::test]
async fn fifty_slots_that_draw_from_one_photograph_read_and_shrink_it_once() {
    let mut world = World::new(Artist::tireless());
    let input = put(&world, photograph()).await;
    let job = world.submit(vec![drawn_from(&input, 50)]).await;
    world.network.take_calls();
    world.run().await;
    assert_eq!(world.status(job).await, JobStatus::Completed);
    // One look for what another worker left, one read of the original, one writing of what was made.
    assert_eq!(inputs_read_and_left(&world, 50), (2, 1));
    let left: Vec<_> = world.object_keys().into_iter().filter(|key| key.starts_with("prepared/")).collect();
    assert_eq!(left, [format!("prepared/ann/{}-2048.webp", input.sha256)]);

    let sent: Vec<_> = world.artist.asked().into_iter().map(|asked| asked.references).collect();
    assert_eq!(sent.len(), 50);
    assert!(sent.iter().all(|references| references == &sent[0]));
    let shown = image::load_from_memory(&sent[0][0]).unwrap().into_rgb8();
    assert_eq!(shown.dimensions(), (1_536, 2_048));
    let (top, bottom) = (shown.get_pixel(700, 40), shown.get_pixel(700, 2_000));
    assert!(top[0] > 200 && top[2] < 50 && bottom[2] > 200 && bottom[0] < 50, "{top:?} {bottom:?}");

    // Another worker, as warm as the first was at its start, finds what was left and reads no photograph.
    world.worker.caches = Caches::default();
    let again = world.submit(vec![drawn_from(&input, 5)]).await;
    world.network.take_calls();
    world.run().await;
    assert_eq!(world.status(again).await, JobStatus::Completed);
    assert_eq!(inputs_read_and_left(&world, 5), (1, 0));
    assert_eq!(world.artist.asked().last().unwrap().references, sent[0]);
    world.audit(job).await;
    world.audit(again).await;
}

#[tokio::test]
async fn what_is_small_and_upright_is_sent_as_it_is() {
    let world = World::new(Artist::tireless());
    let picture = toonmill_tests::picture(1).bytes.to_vec();
    let input = InputImage {
        mime_type: "image/png".to_owned(),
        pixels: Some(PixelSize { width: 64, height: 64 }),
        turned: false,
        ..put(&world, picture.clone()).await
    };
    world.submit(vec![drawn_from(&input, 3)]).await;
    world.network.take_calls();
    world.run().await;
    assert_eq!(inputs_read_and_left(&world, 3), (1, 0));
    assert!(world.artist.asked().iter().all(|asked| asked.references == [picture.clone()]));
}

#[tokio::test]
async fn an_input_that_cannot_be_unpacked_gives_its_slots_up_without_asking_anybody() {
    let world = World::new(Artist::tireless());
    let mut bytes = toonmill_tests::picture(1).bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    let input = InputImage { mime_type: "image/png".to_owned(), ..put(&world, bytes).await };
    let job = world.submit(vec![drawn_from(&input, 2)]).await;
    world.run().await;
    assert_eq!((world.status(job).await, world.artist.calls()), (JobStatus::Failed, 0));
    let key = StageKey { job, stage: StageIndex(0) };
    let slots = world.table.load_slots(key).await.unwrap();
    let details: Vec<_> = slots.values().map(|slot| slot.attempts[0].detail.clone().unwrap()).collect();
    assert_eq!(details, ["input picture 1 is not usable: the image's data are damaged"; 2]);
    world.audit(job).await;
}
