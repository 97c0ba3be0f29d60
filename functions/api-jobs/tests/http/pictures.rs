//! Pictures as people send them: uploaded, in base64 and as data URLs.

use std::{fs, path::PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use toonmill_domain::sha256::hex_of;
use toonmill_tests::{Artist, World, picture_of};

use crate::api::{Answer, Api};

/// A small picture that `shared/imaging/fixtures/README.md` tells of.
fn sent(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/imaging/fixtures/sent");
    fs::read(folder.join(name)).unwrap()
}

/// A body of `POST /api/generate-character-sheet`.
fn sheet(name: &str) -> Value {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/http/sent");
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

/// Uploads a file, and gives its id.
async fn upload(api: &Api, world: &World, name: &str, bytes: Vec<u8>) -> Value {
    let mime = match name.rsplit_once('.').unwrap().1 {
        "jpg" => "image/jpeg",
        "png" => "image/png",
        _ => "image/webp",
    };
    let begun =
        api.post("/api/v1/uploads", &json!({"fileName": name, "mimeType": mime, "sizeBytes": bytes.len()})).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let file = api.get(begun.header("location")).await;
    world.blobs.put(file["s3Key"].as_str().unwrap(), mime, &hex_of(&bytes), bytes).await.unwrap();
    begun.body["fileId"].clone()
}

fn drawn_from(file: &Value) -> Value {
    json!({"stages": [{"prompt": "x", "quantity": 1, "inputFileIds": [file]}]})
}

async fn estimate(api: &Api, file: &Value) -> Answer {
    api.post("/api/v1/jobs/estimate", &drawn_from(file)).await
}

#[tokio::test]
async fn a_picture_that_can_be_decoded_is_taken_whatever_is_unusual_in_it_and_drawn_from() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    for (name, sides) in [
        ("exif-gps-next.jpg", [54, 96]),
        ("exif-ifd1-outside.jpg", [54, 96]),
        ("exif-sub-outside.jpg", [54, 96]),
        ("exif-prefix.webp", [54, 96]),
        ("jpeg-luma-coarser.jpg", [54, 96]),
        ("icc-red-blue-swapped.jpg", [54, 96]),
        ("jpeg-no-eoi.jpg", [96, 54]),
        ("animated-wide.webp", [2_100, 12]),
        ("strip-690x20000.png", [690, 20_000]),
    ] {
        let id = upload(&api, &world, name, sent(name)).await;
        let estimated = estimate(&api, &id).await;
        assert_eq!(estimated.status, 200, "{name}: {}", estimated.body);
        let file = api.get(&format!("/api/v1/files/{}", id.as_str().unwrap())).await;
        assert_eq!(json!([file["width"], file["height"]]), json!(sides), "{name}");
        let taken = api.post("/api/v1/jobs", &drawn_from(&id)).await;
        assert_eq!(taken.status, 202, "{name}: {}", taken.body);
        world.run().await;
        assert_eq!(api.get(taken.header("location")).await["status"], "COMPLETED", "{name}");
        // All of them are made anew before they are sent: none can be sent as it is.
        let asked = world.artist.asked().pop().unwrap();
        assert_eq!(asked.references.len(), 1, "{name}");
        assert_eq!(&asked.references[0][8..12], b"WEBP", "{name}");
        assert_ne!(asked.references[0], sent(name), "{name}");
    }
}

#[tokio::test]
async fn a_picture_that_cannot_be_decoded_is_refused_by_its_place_before_anything_is_held() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let png = picture_of(5, (64, 64)).bytes.to_vec();
    let mut damaged = png.clone();
    damaged[png.len() / 2] ^= 0x40;
    let photo = sent("jpeg-no-eoi.jpg");
    let mut cut = photo[..photo.len() - 60].to_vec();
    cut.extend(b"\xff\xd9");
    let unreadable =
        |what: &str| format!("the image is {what}, which is not read: save it as a usual JPEG, PNG or WebP");
    for (name, bytes, why) in [
        ("arithmetic.jpg", sent("jpeg-arithmetic.jpg"), unreadable("a JPEG with arithmetic coding")),
        ("damaged.png", damaged, "the image's data are damaged".to_owned()),
        ("cut.jpg", photo[..photo.len() - 60].to_vec(), "the image ends before its end".to_owned()),
        ("cut-and-ended.jpg", cut, "the image ends before its end".to_owned()),
    ] {
        let id = upload(&api, &world, name, bytes.clone()).await;
        for path in ["/api/v1/jobs/estimate", "/api/v1/jobs"] {
            let refused = api.post(path, &drawn_from(&id)).await;
            assert_eq!(
                (refused.status.as_u16(), refused.pointers()),
                (400, vec!["/stages/0/inputFileIds/0"]),
                "{name}"
            );
            let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
            assert_eq!(detail, format!("the file is not a usable picture: {why}"), "{name}");
        }
        let inline = json!({"imageBase64": BASE64_STANDARD.encode(&bytes), "imageMimeType": "image/jpeg"});
        let refused = api.post("/api/generate-character-sheet", &inline).await;
        assert_eq!(
            (refused.status.as_u16(), refused.pointers()),
            (400, vec!["/imageBase64"]),
            "{name}: {}",
            refused.body
        );
    }
    assert_eq!(api.get("/api/v1/jobs").await["data"], json!([]));
}

#[tokio::test]
async fn a_picture_is_gone_through_once_and_not_for_every_job() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let id = upload(&api, &world, "exif-gps-next.jpg", sent("exif-gps-next.jpg")).await;
    world.network.take_calls();
    let reads = || world.network.take_calls().iter().filter(|call| call.name() == "S3.GetObject").count();
    assert_eq!(estimate(&api, &id).await.status, 200);
    assert_eq!(reads(), 1);
    assert_eq!(estimate(&api, &id).await.status, 200);
    assert_eq!(reads(), 0);
}

#[tokio::test]
async fn a_picture_that_fails_while_it_is_drawn_from_is_told_in_the_job() {
    let world = World::new(Artist::tireless());
    let api = Api::over(&world);
    let id = upload(&api, &world, "exif-gps-next.jpg", sent("exif-gps-next.jpg")).await;
    assert_eq!(estimate(&api, &id).await.status, 200);
    // Something else lies there since it was looked at.
    let file = api.get(&format!("/api/v1/files/{}", id.as_str().unwrap())).await;
    let broken = sent("jpeg-arithmetic.jpg");
    let key = file["s3Key"].as_str().unwrap();
    world.blobs.put(key, "image/jpeg", &hex_of(&broken), broken).await.unwrap();
    let taken = api.post("/api/v1/jobs", &drawn_from(&id)).await;
    world.run().await;
    let job = api.get(taken.header("location")).await;
    assert_eq!(job["status"], "FAILED");
    let failure = &job["stages"][0]["failures"][0];
    let id = id.as_str().unwrap();
    let detail = format!(
        "input picture 1, file {id}, is not usable: the image is a JPEG with arithmetic coding, which is not read: save it \
         as a usual JPEG, PNG or WebP"
    );
    assert_eq!(failure, &json!({"slot": 0, "code": "bad_request", "detail": detail, "attempts": 1}));
}

#[tokio::test]
async fn base64_and_its_type_are_taken_as_clients_write_them() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let post = async |body: &Value| {
        let answer = api.post("/api/generate-character-sheet", body).await;
        (answer.status.as_u16(), answer.body)
    };
    for name in ["sheet-mime-image-jpg.json", "sheet-base64-lines.json", "sheet-base64-no-padding.json"] {
        let (status, body) = post(&sheet(name)).await;
        assert_eq!(status, 202, "{name}: {body}");
    }
    let digits = BASE64_STANDARD.encode(picture_of(5, (64, 64)).bytes);
    let url = digits.replace('+', "-").replace('/', "_");
    for (text, mime) in [
        (digits.clone(), "IMAGE/PNG"),
        (digits.clone(), "image/png; charset=utf-8"),
        (digits.clone(), "image/x-png"),
        // The bytes decide.
        (digits.clone(), "image/pjpeg"),
        (url.trim_end_matches('=').to_owned(), "image/png"),
        (format!("data:image/png;base64, {digits}"), "image/png"),
        (format!("DATA:Image/PNG;charset=utf-8;Base64,{digits}"), "image/png"),
    ] {
        let (status, body) = post(&json!({"imageBase64": text, "imageMimeType": mime})).await;
        assert_eq!(status, 202, "{mime}: {body}");
    }
    for (text, mime, pointer) in [
        (digits.clone(), "image/gif", "/imageMimeType"),
        (format!("{digits}!"), "image/png", "/imageBase64"),
        (format!("data:image/png,{digits}"), "image/png", "/imageBase64"),
    ] {
        let (status, body) = post(&json!({"imageBase64": text, "imageMimeType": mime})).await;
        assert_eq!((status, body["errors"][0]["pointer"].as_str()), (400, Some(pointer)), "{body}");
    }
}

#[tokio::test]
async fn a_data_url_is_taken_where_a_link_is_and_so_is_that_of_our_own_preview() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let regenerate = async |url: &Value, prompt: &str| {
        let body = json!({"imageUrl": url, "prompt": prompt, "cutId": "cut-12", "processId": "p-1"});
        api.post("/api/regenerate-image", &body).await
    };
    let preview = api.held(&world, "/api/generate-character-image-preview", &json!({"name": "Ann"})).await;
    assert!(preview.body["imageUrl"].as_str().unwrap().starts_with("data:"), "{}", preview.body);
    let taken = regenerate(&preview.body["imageUrl"], "at night").await;
    assert_eq!(taken.status, 202, "{}", taken.body);
    let png = picture_of(5, (96, 128)).bytes;
    let url = json!(format!("data:image/png;base64,{}", BASE64_STANDARD.encode(&png)));
    assert_eq!(regenerate(&url, "at dawn").await.status, 202);
    world.run().await;
    assert_eq!(world.artist.asked().pop().unwrap().references, std::slice::from_ref(&png));

    // In a batch it is one picture, however many requests have it.
    let request = |prompt: &str| json!({"imageUrl": url, "prompt": prompt});
    let batch = json!({"cutId": "c", "processId": "p", "requests": [request("at noon"), request("in rain")]});
    let before = world.object_keys().len();
    let made = api.post("/api/regenerate-image-batch", &batch).await;
    assert_eq!(made.status, 202, "{}", made.body);
    let uploads = |keys: Vec<String>| keys.into_iter().filter(|key| key.contains("/uploads/")).count();
    assert_eq!(uploads(world.object_keys()), 3, "{before} objects before");

    for url in ["data:image/png;base64,", "data:image/png,abc", "data:text/html;base64,PGI+"] {
        let refused = regenerate(&json!(url), "x").await;
        assert_eq!((refused.status.as_u16(), refused.pointers()), (400, vec!["/imageUrl"]), "{url}: {}", refused.body);
    }
}

#[tokio::test]
async fn an_uploads_type_is_known_by_any_spelling_and_its_name_is_told_what_is_wrong() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    let begin = async |name: &str, mime: &str| {
        api.post("/api/v1/uploads", &json!({"fileName": name, "mimeType": mime, "sizeBytes": 1000})).await
    };
    for (name, mime, known) in [
        ("a.png", "image/png; charset=utf-8", "image/png"),
        ("a.png", "IMAGE/PNG", "image/png"),
        ("a.png", "image/x-png", "image/png"),
        ("a.jpg", "image/jpg", "image/jpeg"),
        ("a.jpeg", "image/pjpeg", "image/jpeg"),
        ("a.mp4", "Video/MP4; codecs=avc1", "video/mp4"),
    ] {
        let place = begin(name, mime).await;
        assert_eq!((place.status.as_u16(), &place.body["headers"]["content-type"]), (201, &json!(known)), "{mime}");
    }
    let refused = begin(&format!("{}.png", "a".repeat(252)), "image/png").await;
    assert_eq!(refused.body["errors"][0]["detail"], "must have at most 255 characters, not 256");
    assert_eq!(refused.pointers(), ["/fileName"]);
    assert_eq!(begin(&format!("{}.png", "가".repeat(251)), "image/png").await.status, 201);
    let refused = begin("a\u{7}.png", "image/png").await;
    assert_eq!(refused.body["errors"][0]["detail"], "must have no control characters");
    assert_eq!(begin("a.png", "image/jpg").await.pointers(), ["/mimeType"]);
}
