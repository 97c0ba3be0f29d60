//! What the function may do against what it does. Every other test sees that nothing is missing; this one, that nothing is
//! spare.

use http::Request;
use toonmill_domain::{KeyId, Limits, Scope, ServiceKey, sha256::hex_of};
use toonmill_tests::{Artist, World, policy, stage};

use crate::server::Server;

#[tokio::test]
async fn the_role_has_nothing_that_the_function_never_does() {
    let server = Server::over(World::new(Artist::tireless()));
    let job = server.world.submit(vec![stage("a page", 1)]).await;
    server.world.run().await;
    let key = ServiceKey {
        id: KeyId::new(server.world.submitter.ids.make()),
        account: "ann".parse().unwrap(),
        user: "ann".parse().unwrap(),
        name: "farm".to_owned(),
        scopes: [Scope::JobsRead].into(),
        limits: Limits::default(),
        created_at: server.world.now(),
    };
    server.world.table.create_service_key(&key, &hex_of(b"tm_a-key"), "token").await.unwrap();
    for bearer in [server.token("ann"), "tm_a-key".to_owned(), "tm_no-such-key".to_owned()] {
        let request = Request::get(format!("/api/v1/jobs/{job}/events"));
        server.send(request.header("authorization", format!("Bearer {bearer}"))).await;
    }
    let rights = server.world.network.rights().remove("JobEvents").unwrap();
    assert_eq!(policy::compare("JobEvents", &rights), Vec::<String>::new());
}
