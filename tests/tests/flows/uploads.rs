//! What an account may upload at once.

use std::time::Duration;

use toonmill_cloud::table::{UploadQuota, Uploads};
use toonmill_domain::AccountId;
use toonmill_flows::inputs::{Inputs, NewUpload};
use toonmill_tests::{Artist, World};

const DAY: Duration = Duration::from_hours(24);

fn inputs(world: &World, quota: UploadQuota) -> Inputs {
    let (clock, ids) = (world.submitter.clock.clone(), world.submitter.ids.clone());
    Inputs { table: world.table.clone(), blobs: world.blobs.clone(), clock, ids, quota }
}

fn picture(size_bytes: u64) -> NewUpload {
    NewUpload { extension: "png", mime_type: "image/png", size_bytes, sha256: None }
}

#[tokio::test]
async fn uploads_whose_time_is_over_make_room_though_nobody_cleaned_up() {
    let world = World::new(Artist::tireless());
    let inputs = inputs(&world, UploadQuota { files: 3, bytes: 300 });
    let ann: AccountId = "ann".parse().unwrap();
    let kept = inputs.begin_upload(&ann, picture(100)).await.unwrap().unwrap();
    for _ in 0..2 {
        inputs.begin_upload(&ann, picture(100)).await.unwrap().unwrap();
    }
    assert!(inputs.begin_upload(&ann, picture(1)).await.unwrap().is_err(), "none of them is over");
    // One of them is an input of a job that runs for longer.
    let mut file = world.table.load_file(kept.file, &ann).await.unwrap().unwrap();
    file.sha256 = Some("0".repeat(64));
    assert!(world.table.note_checked(&file).await.unwrap());
    assert!(world.table.keep_file_until(kept.file, world.now().plus(DAY * 3)).await.unwrap());
    world.wait(DAY + Duration::from_secs(1));
    assert!(inputs.begin_upload(&ann, picture(201)).await.unwrap().is_err(), "too large beside the one that is kept");
    assert_eq!(world.table.load_uploads(&ann).await.unwrap(), Uploads { files: 1, bytes: 100 });
    for _ in 0..2 {
        inputs.begin_upload(&ann, picture(100)).await.unwrap().unwrap();
    }
    assert!(inputs.begin_upload(&ann, picture(1)).await.unwrap().is_err());
    assert!(world.table.load_file(kept.file, &ann).await.unwrap().is_some());
}
