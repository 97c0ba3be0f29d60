//! What the function may do against what it does. Every other test sees that nothing is missing; this one, that nothing is
//! spare.

use http::Request;
use toonmill_tests::{Artist, World, policy, stage};

use crate::server::Server;

#[tokio::test]
async fn the_role_has_nothing_that_the_function_never_does() {
    let server = Server::over(World::new(Artist::tireless()));
    let job = server.world.submit(vec![stage("a page", 1)]).await;
    server.world.run().await;
    for bearer in [server.token("ann"), "tm_no-such-key".to_owned()] {
        let request = Request::get(format!("/api/v1/jobs/{job}/events"));
        server.send(request.header("authorization", format!("Bearer {bearer}"))).await;
    }
    let rights = server.world.network.rights().remove("JobEvents").unwrap();
    assert_eq!(policy::compare("JobEvents", &rights), Vec::<String>::new());
}
