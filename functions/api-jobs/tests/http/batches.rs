//! Many regenerations in one request.

use serde_json::{Value, json};
use toonmill_domain::{Failure, FailureCode};
use toonmill_tests::{Artist, World, picture_of};

use crate::api::{Answer, Api};

const PATH: &str = "/api/regenerate-image-batch";
const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8059";

/// Refuses prompts that say so, and draws the others as they are asked for.
fn artist() -> Artist {
    let number = std::sync::atomic::AtomicU32::new(0);
    Artist::by_order(move |order| {
        if order.prompt.contains("금지") {
            return Err(Failure::new(FailureCode::Refused).detail("SAFETY"));
        }
        let sides = (u32::from(order.aspect_ratio.width()) * 32, u32::from(order.aspect_ratio.height()) * 32);
        Ok(picture_of(number.fetch_add(1, std::sync::atomic::Ordering::Relaxed), sides))
    })
}

fn api(world: &World) -> Api {
    Api::with(world, |rules| rules.offer.configured = ["gemini", "seedream"].map(|name| name.parse().unwrap()).into())
}

async fn monster(api: &Api, world: &World, ratio: &str) -> Value {
    let body = json!({"prompt": "a wolf", "cutId": "cut-1", "aspectRatio": ratio, "apiProvider": "gemini"});
    api.held(world, "/api/generate-monster-image", &body).await.body["fileId"].clone()
}

fn body(requests: &[Value]) -> Value {
    json!({"cutId": "cut-1", "processId": "p-1", "requests": requests})
}

fn pictures(told: &Value) -> &Vec<Value> {
    told["images"].as_array().unwrap()
}

async fn job(api: &Api, told: &Answer) -> Value {
    api.get(told.body["statusUrl"].as_str().unwrap()).await
}

#[tokio::test]
async fn every_request_is_answered_in_its_place_whatever_becomes_of_the_others() {
    let world = World::new(artist());
    let api = api(&world);
    let (wide, tall) = (monster(&api, &world, "16:9").await, monster(&api, &world, "2:3").await);
    let requests = [
        json!({"fileId": wide, "prompt": "밤으로", "apiProvider": "gemini"}),
        json!({"fileId": tall, "prompt": "비 오게", "apiProvider": "seedream"}),
        json!({"fileId": NOBODY, "prompt": "눈 오게", "apiProvider": "gemini"}),
        json!({"fileId": tall, "prompt": "금지된 것", "apiProvider": "gemini"}),
        json!({"fileId": tall, "prompt": "해 질 녘", "apiProvider": "gemini", "referenceImages": [{"id": wide}]}),
        json!({"fileId": wide, "prompt": "새벽", "apiProvider": "gemini", "aspectRatio": "1:1", "useOriginalImageAsReference": false}),
    ];
    let before = world.artist.calls();
    let told = api.held(&world, PATH, &body(&requests)).await;
    assert_eq!((told.status.as_u16(), told.header("preference-applied")), (200, "wait=20"), "{}", told.body);
    let images = pictures(&told.body);
    let successes: Vec<_> = images.iter().map(|image| image["success"].as_bool().unwrap()).collect();
    assert_eq!(successes, [true, true, false, false, true, true], "{images:#?}");
    for (index, image) in images.iter().enumerate() {
        assert_eq!(image["index"], index);
        if image["success"] == true {
            assert!(image["fileId"].is_string() && image["fileUrl"].as_str().unwrap().contains("X-Amz-Signature"));
            assert_eq!(image["mimeType"], "image/webp");
            let path = image["filePath"].as_str().unwrap();
            assert!(path.starts_with("accounts/user-1/cut-1/p-1/regenerated-"), "{path}");
        }
    }
    assert_eq!((&images[0]["provider"], &images[1]["provider"]), (&json!("gemini"), &json!("seedream")));
    assert_eq!((&images[2]["code"], &images[2]["error"]), (&json!("unusable_input"), &json!("there is no such file")));
    assert_eq!((&images[3]["code"], &images[3]["error"]), (&json!("refused"), &json!("refused: SAFETY")));

    // Each is drawn from its own pictures in its own ratio, and the one that was refused is refused twice.
    let asked = &world.artist.asked()[usize::try_from(before).unwrap()..];
    let of = |words: &str| {
        let one = asked.iter().find(|one| one.prompt.contains(words)).unwrap();
        (one.aspect_ratio.to_string(), one.references.len())
    };
    assert_eq!((of("밤으로"), of("비 오게")), (("16:9".to_owned(), 1), ("2:3".to_owned(), 1)));
    assert_eq!((of("해 질 녘"), of("새벽")), (("2:3".to_owned(), 2), ("1:1".to_owned(), 0)));
    assert_eq!(asked.len(), 6);

    let job = job(&api, &told).await;
    assert_eq!((&job["status"], &job["kind"]), (&json!("PARTIAL"), &json!("regenerate-image-batch")));
    assert_eq!((job["stages"].as_array().unwrap().len(), &job["progress"]["requested"]), (2, &json!(5)));
    let steady = |image: &Value| (image["index"].clone(), image["success"].clone(), image["fileId"].clone());
    assert_eq!(
        pictures(&job["result"]).iter().map(steady).collect::<Vec<_>>(),
        images.iter().map(steady).collect::<Vec<_>>()
    );
    let (held, captured) = (job["credits"]["held"].as_u64().unwrap(), job["credits"]["captured"].as_u64().unwrap());
    let prices: Vec<_> = world
        .plan(job["id"].as_str().unwrap().parse().unwrap())
        .await
        .stages
        .iter()
        .map(|stage| (stage.price.get(), stage.quantity))
        .collect();
    assert_eq!(held, prices.iter().map(|(price, quantity)| price * u64::from(*quantity)).sum::<u64>());
    assert_eq!(captured, held - prices[0].0, "what was refused costs nothing");

    let history = api.get("/api/regenerate-image-history?cutId=cut-1&limit=4").await;
    let mut prompts: Vec<_> =
        history["data"].as_array().unwrap().iter().map(|row| row["prompt"].as_str().unwrap()).collect();
    prompts.sort_unstable();
    assert_eq!(prompts, ["밤으로", "비 오게", "새벽", "해 질 녘"]);
    world.audit(job["id"].as_str().unwrap().parse().unwrap()).await;
}

#[tokio::test]
async fn a_202_says_what_cannot_be_drawn_and_its_job_comes_to_the_same() {
    let world = World::new(artist());
    let api = api(&world);
    let original = monster(&api, &world, "3:4").await;
    let requests = [
        json!({"fileId": NOBODY, "prompt": "x"}),
        json!({"fileId": original, "prompt": "y", "characterSheets": [{"sheetId": NOBODY}]}),
        json!({"fileId": original, "prompt": "밤으로"}),
    ];
    let send = async || {
        let request = api.request("POST", "/api/regenerate-image-batch/").header("idempotency-key", "batch-1");
        let request = request.header("content-type", "application/json");
        api.send(request.body(body(&requests).to_string().into()).unwrap()).await
    };
    let (taken, again) = (send().await, send().await);
    assert_eq!((taken.status.as_u16(), again.header("idempotency-replayed")), (202, "true"), "{}", taken.body);
    assert_eq!(taken.body["jobId"], again.body["jobId"]);
    let warned: Vec<_> =
        taken.body["warnings"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!(warned, ["/requests/0/fileId", "/requests/1/characterSheets/0/sheetId"]);
    world.run().await;
    let job = job(&api, &taken).await;
    assert_eq!((&job["status"], &job["progress"]["requested"]), (&json!("COMPLETED"), &json!(1)), "all that could be");
    let successes: Vec<_> = pictures(&job["result"]).iter().map(|image| image["success"].clone()).collect();
    assert_eq!(json!(successes), json!([false, false, true]));
}

#[tokio::test]
async fn a_body_of_another_shape_is_one_400_that_names_everything() {
    let world = World::new(artist());
    let api = api(&world);
    let original = monster(&api, &world, "3:4").await;
    let good = json!({"fileId": original, "prompt": "밤으로"});
    let wrong = async |body: Value| {
        let answer = api.post(PATH, &body).await;
        assert_eq!(answer.status, 400, "{body}");
        answer.pointers().join(" ")
    };
    assert_eq!(wrong(json!([])).await, "");
    assert_eq!(wrong(json!({})).await, "/cutId /processId /requests");
    assert_eq!(wrong(body(&[])).await, "/requests");
    assert_eq!(wrong(json!({"cutId": "c", "processId": "p", "requests": "x"})).await, "/requests");
    assert_eq!(wrong(body(&vec![good.clone(); 101])).await, "/requests");
    let requests = [
        good.clone(),
        json!({"fileId": NOBODY, "prompt": "x"}),
        json!(7),
        json!({"fileId": original, "prompt": " ", "count": 2, "apiProvider": "midjourney"}),
        json!({"prompt": "x", "aspectRatio": "wide"}),
        json!({"fileId": original, "prompt": "x", "apiProvider": "seedream", "aspectRatio": "5:4"}),
        json!({"fileId": NOBODY, "prompt": "x", "apiProvider": "seedream", "aspectRatio": "5:4"}),
    ];
    assert_eq!(
        wrong(body(&requests)).await,
        "/requests/2 /requests/3/count /requests/3/prompt /requests/4/imageUrl /requests/4/aspectRatio \
         /requests/3/apiProvider /requests/5/aspectRatio /requests/6/aspectRatio"
    );
    assert_eq!(wrong(body(&[json!({"fileId": NOBODY, "prompt": "x"})])).await, "/requests/0/fileId", "nothing to draw");
    let links: Vec<_> =
        (0..11).map(|link| json!({"imageUrl": format!("accounts/user-1/{link}.webp"), "prompt": "x"})).collect();
    assert!(wrong(body(&links)).await.starts_with("/requests/10/imageUrl"));
    assert_eq!(api.get("/api/v1/jobs?kind=regenerate-image-batch").await["data"], json!([]));
}

#[tokio::test]
async fn one_picture_by_its_link_is_fetched_once_for_all_requests() {
    let world = World::new(artist());
    let api = api(&world);
    let original = monster(&api, &world, "3:4").await;
    let file = api.get(&format!("/api/v1/files/{}", original.as_str().unwrap())).await;
    let requests: Vec<_> =
        (0..50).map(|number| json!({"imageUrl": file["s3Key"], "prompt": format!("scene {number}")})).collect();
    let told = api.held(&world, PATH, &body(&requests)).await;
    assert_eq!(told.body["status"], "COMPLETED", "{}", told.body["error"]);
    assert_eq!(pictures(&told.body).len(), 50);
    assert!(pictures(&told.body).iter().all(|image| image["success"] == true));
    let uploads = world.object_keys().into_iter().filter(|key| key.starts_with("accounts/user-1/uploads/"));
    assert_eq!(uploads.count(), 1);
    assert_eq!(job(&api, &told).await["stages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn anothers_picture_is_as_good_as_none_and_a_batch_that_costs_too_much_makes_nothing() {
    let mut world = World::new(artist());
    world.submitter.signup_grant = toonmill_domain::Credits::new(60).unwrap();
    let api = api(&world);
    let original = monster(&api, &world, "3:4").await;
    let requests = vec![json!({"fileId": original, "prompt": "밤으로"}); 10];
    let poor = api.post(PATH, &body(&requests)).await;
    assert_eq!((poor.status.as_u16(), &poor.body["code"]), (402, &json!("insufficient_credits")), "{}", poor.body);
    let mut claims = crate::api::claims();
    claims["sub"] = "user-2".into();
    let request = http::Request::post(PATH).header("authorization", format!("Bearer {}", api.signer.sign(&claims)));
    let request = request.header("content-type", "application/json");
    let stolen = api.send(request.body(body(&requests[..1]).to_string().into()).unwrap()).await;
    assert_eq!((stolen.status.as_u16(), stolen.pointers()), (400, vec!["/requests/0/fileId"]));
}

#[tokio::test]
async fn a_retry_needs_the_pictures_of_what_is_missing_and_no_others() {
    let world = World::new(artist());
    let api = api(&world);
    let (kept, lost) = (monster(&api, &world, "16:9").await, monster(&api, &world, "2:3").await);
    let requests = [
        json!({"fileId": lost, "prompt": "밤으로", "apiProvider": "gemini"}),
        json!({"fileId": kept, "prompt": "금지된 것", "apiProvider": "gemini"}),
    ];
    let told = api.held(&world, PATH, &body(&requests)).await;
    assert_eq!(told.body["status"], "PARTIAL");
    assert_eq!(api.call("DELETE", &format!("/api/v1/files/{}", lost.as_str().unwrap())).await.status, 204);
    world.artist.rewrite(|_, call| Ok(picture_of(1_000 + call, (512, 288))));
    let retry = format!("{}/retry", told.body["statusUrl"].as_str().unwrap());
    let again = api.post(&retry, &json!({})).await;
    assert_eq!(again.status, 202, "{}", again.body);
    world.run().await;
    let job = job(&api, &told).await;
    assert_eq!(job["status"], "COMPLETED");
    assert!(pictures(&job["result"]).iter().all(|image| image["success"] == true), "{}", job["result"]);
    world.audit(job["id"].as_str().unwrap().parse().unwrap()).await;
}
