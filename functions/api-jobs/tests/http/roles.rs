//! What the function may do against what it does. Every other test sees that nothing is missing; this one, that nothing is
//! spare.

use serde_json::json;
use toonmill_tests::{Artist, World, picture, policy};

use crate::api::Api;

#[tokio::test]
async fn the_role_has_nothing_that_the_function_never_does() {
    let world = World::new(Artist::obedient());
    let api = Api::over(&world);
    // A file that was begun and not uploaded, a picture in the body, and what is drawn from it.
    let begun =
        api.post("/api/v1/uploads", &json!({"fileName": "a.png", "mimeType": "image/png", "sizeBytes": 9})).await;
    api.post(
        "/api/v1/jobs",
        &json!({"stages": [{"prompt": "x", "quantity": 1, "inputFileIds": [begun.body["fileId"]]}]}),
    )
    .await;
    let picture = json!({"base64": base64(&picture(7).bytes), "mimeType": "image/png"});
    let pose = json!({"characterSheetImage": picture, "poseImage": picture, "cutId": "c", "processId": "p", "aspectRatio": "square"});
    let drawn = api.held(&world, "/api/convert-3d-character", &pose).await;
    assert_eq!(drawn.status, 200, "{}", drawn.body);
    // One that is refused, with its plan.
    let dear = json!({"stages": [{"prompt": "an empire", "quantity": 1_000, "aspectRatio": "1:1"}]});
    assert_eq!(api.post("/api/v1/jobs", &dear).await.status, 402);
    // It is kept, listed, and removed.
    api.post("/api/regenerate-image-save", &json!({"fileIds": [drawn.body["fileId"]]})).await;
    let path = format!("/api/v1/files/{}", drawn.body["fileId"].as_str().unwrap());
    assert_eq!(api.call("DELETE", &path).await.status, 204);
    for path in ["/api/v1/jobs", "/api/v1/health", "/api/characters", "/api/regenerate-image-history"] {
        api.get(path).await;
    }
    let rights = world.network.rights().remove("ApiJobs").unwrap();
    assert_eq!(policy::compare("ApiJobs", &rights), Vec::<String>::new());
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}
