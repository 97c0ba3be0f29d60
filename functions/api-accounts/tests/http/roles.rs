//! What the function may do against what it does. Every other test sees that nothing is missing; this one, that nothing is
//! spare.

use serde_json::json;
use toonmill_tests::policy;

use crate::api::Api;

#[tokio::test]
async fn the_role_has_nothing_that_the_function_never_does() {
    let api = Api::start().await;
    let token = api.token("ann").await;
    api.call("GET", "/api/v1/auth/profile", &token, None).await;
    let key = api.call("POST", "/api/v1/keys", &token, Some(&json!({"name": "farm", "scopes": ["jobs:read"]}))).await;
    assert_eq!(key.status, 201, "{}", key.body);
    api.call("GET", "/api/v1/keys", &token, None).await;
    let path = format!("/api/v1/keys/{}", key.body["id"].as_str().unwrap());
    assert_eq!(api.call("DELETE", &path, &token, None).await.status, 204);
    crate::hooks::a_redelivery(&api, &token).await;
    let rights = api.world.network.rights().remove("ApiAccounts").unwrap();
    assert_eq!(policy::compare("ApiAccounts", &rights), Vec::<String>::new());
}
