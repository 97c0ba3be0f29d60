//! Pictures that a request has links to on other servers.

use serde_json::{Value, json};
use toonmill_outbound::{Fetcher, Ports};
use toonmill_tests::{Artist, Internet, Page, Then, World, picture_of};

use crate::api::{Answer, Api};

async fn begin(world: &World) -> (Internet, Api) {
    let (internet, network) = Internet::begin().await;
    let api = Api::with(world, |rules| rules.fetcher = Fetcher::new(network, Ports::default()));
    (internet, api)
}

fn body(url: &str) -> Value {
    json!({"imageUrl": url, "prompt": "at night", "cutId": "cut-1", "processId": "p-1"})
}

async fn refused(api: &Api, url: &str) -> Answer {
    let answer = api.post("/api/regenerate-image", &body(url)).await;
    assert_eq!((answer.status.as_u16(), answer.pointers()), (400, vec!["/imageUrl"]), "{url}: {}", answer.body);
    answer
}

#[tokio::test]
async fn a_picture_of_another_server_becomes_a_temporary_upload_of_the_callers() {
    let world = World::new(Artist::obedient());
    let (internet, api) = begin(&world).await;
    let original = picture_of(5, (96, 128)).bytes;
    internet.put("pictures.example/a.png", Page::redirect("https://mirror.example/b"));
    internet.put("mirror.example/b", Page::of("application/octet-stream", &original));
    let made = api.held(&world, "/api/regenerate-image", &body("https://pictures.example/a.png")).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let asked = world.artist.asked().pop().unwrap();
    assert_eq!((asked.aspect_ratio.to_string().as_str(), asked.references.as_slice()), ("3:4", [original].as_slice()));
    // The plan names an object of the caller's, and the internet was asked by the API alone.
    let job = made.body["jobId"].as_str().unwrap().parse().unwrap();
    let plan = world.plan(job).await;
    let inputs = match &plan.stages[0].work {
        toonmill_domain::Work::Image(image) => image.clone(),
        toonmill_domain::Work::Text(_) => unreachable!("it draws"),
    };
    assert!(inputs.inputs[0].object_key.starts_with("accounts/user-1/uploads/"), "{}", inputs.inputs[0].object_key);
    let file = api.get(&format!("/api/v1/files/{}", inputs.input_files[0])).await;
    assert_eq!((&file["isTemp"], &file["mimeType"], &file["width"]), (&json!(true), &json!("image/png"), &json!(96)));
    assert_eq!(internet.asked(), ["pictures.example/a.png", "mirror.example/b"]);
    world.audit(job).await;
}

#[tokio::test]
async fn a_link_that_may_not_be_followed_is_told_by_its_place_and_leaves_nothing() {
    let world = World::new(Artist::obedient());
    let (internet, api) = begin(&world).await;
    internet.name("inside.example", &[&["169.254.169.254"]]);
    internet.put("pictures.example/in", Page::redirect("https://inside.example/latest/meta-data"));
    for (url, detail) in [
        ("http://pictures.example/a.png", "must begin with https://"),
        ("https://10.0.0.1/a.png", "must name a server of the public internet"),
        ("https://inside.example/a.png", "must name a server of the public internet"),
        ("https://pictures.example/in", "must name a server of the public internet"),
        ("https://pictures.example/none", "could not be fetched: its server answered with status 404"),
    ] {
        assert_eq!(refused(&api, url).await.body["errors"][0]["detail"], detail, "{url}");
    }
    assert!(world.object_keys().is_empty());
}

#[tokio::test]
async fn a_link_that_stands_in_many_requests_of_a_batch_is_read_once() {
    let world = World::new(Artist::obedient());
    let (internet, api) = begin(&world).await;
    internet.put("pictures.example/a.png", Page::of("image/png", &picture_of(5, (128, 96)).bytes));
    let request = |url: &str, prompt: &str| json!({"imageUrl": url, "prompt": prompt});
    let body = json!({"cutId": "cut-1", "processId": "p-1", "requests": [
        request("https://pictures.example/a.png", "at dawn"), request("https://127.0.0.1/a.png", "at noon"),
        request("https://pictures.example/a.png", "at night"),
    ]});
    let made = api.held(&world, "/api/regenerate-image-batch", &body).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let told: Vec<_> = made.body["images"].as_array().unwrap().iter().map(|image| image["success"].clone()).collect();
    assert_eq!(told, [json!(true), json!(false), json!(true)], "{}", made.body);
    let asked = world.artist.asked();
    assert!(asked.len() == 2 && asked.iter().all(|asked| asked.aspect_ratio.to_string() == "4:3"));
    assert_eq!(internet.asked(), ["pictures.example/a.png"]);
}

#[tokio::test]
async fn what_a_link_leads_to_must_be_a_whole_picture_of_a_usable_size() {
    let world = World::new(Artist::obedient());
    let (internet, api) = begin(&world).await;
    let good = picture_of(5, (64, 64)).bytes.to_vec();
    let mut wide = good.clone();
    wide[16..20].copy_from_slice(&70_000_u32.to_be_bytes());
    let mut bomb = good.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0x3f, 0, 0, 0, 0x3f, 0]);
    let endless = Page::raw("200 OK\r\nContent-Type: image/png", &good).then(Then::Again(vec![7; 1 << 16]));
    for (page, detail) in [
        (
            Page::of("text/html; charset=utf-8", b"<img src='a.png'>"),
            "is no link to a picture itself: its server sends something else",
        ),
        (Page::of("image/png", b"<html></html>"), "the file is not a usable picture: not a PNG, JPEG or WebP image"),
        (
            Page::of("image/png", &good[..good.len() / 2]),
            "the file is not a usable picture: the image ends before its end",
        ),
        (
            Page::of("image/png", &wide),
            "the file is not a usable picture: 70000x64 has a side that is too long: 65535 pixels are the most",
        ),
        (
            Page::of("image/png", &bomb),
            "the file is not a usable picture: 16128x16128 pixels are too many: 50 megapixels are the most",
        ),
        (
            Page::raw("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2", b"\x1f\x8b"),
            "could not be fetched: its server sent it compressed, which was not asked for",
        ),
        (endless, "has more than 33554432 bytes"),
    ] {
        internet.put("pictures.example/a", page);
        assert_eq!(refused(&api, "https://pictures.example/a").await.body["errors"][0]["detail"], detail);
    }
    assert!(world.object_keys().is_empty());
}
