//! Deliveries whose records are spoiled.

use std::time::Duration;

use toonmill_cloud::queues::read_message;
use toonmill_deliver::Delivered;
use toonmill_domain::{Delivery, DeliveryId, DeliveryKey, DeliveryMessage, Sink};
use toonmill_outbound::{Ports, Sender};
use toonmill_tests::{Artist, Internet, World, world::DELIVER};

use super::{DAMAGES, Spots, spoil};

#[tokio::test]
async fn a_delivery_that_cannot_be_read_is_put_off_and_no_other_waits_for_it() {
    let (_internet, network) = Internet::begin().await;
    for damage in DAMAGES {
        let world = World::new(Artist::tireless());
        let deliverer = world.deliverer(None, Sender::new(network.clone(), Ports::default()));
        let keys = [1, 2, 3].map(|number| DeliveryKey {
            account: "ann".parse().unwrap(),
            sink: Sink::Webhook,
            id: DeliveryId::new(uuid::Uuid::from_u128(number)),
        });
        let new = keys.clone().map(|key| Delivery::new(key, None, "{}".to_owned(), world.now()));
        let update = toonmill_cloud::table::UpdateRecord(1);
        assert!(world.table.remember_update(update, &new, world.now(), "me").await.unwrap());
        let victim = format!("DW#{}", keys[1].id);
        let spots = Spots { name: "state", number: "turn", needed: "document" };
        spoil(&world, ("U#ann", &victim), damage, spots).await;
        assert_eq!(world.sweeper.sweep().await.unwrap().deliveries, 3, "{damage:?}");
        for message in world.queues.take(DELIVER) {
            let message: DeliveryMessage = read_message(&message.body).unwrap();
            let outcome = deliverer.deliver(&message, world.now().plus(Duration::from_mins(1))).await;
            // The others get as far as their documents, which say nothing.
            let is_victim = message.id == keys[1].id;
            assert_eq!(matches!(outcome, Ok(Delivered::Unreadable)), is_victim, "{damage:?}: {outcome:?}");
        }
        world.wait(Duration::from_mins(30));
        assert_eq!(world.sweeper.sweep().await.unwrap().deliveries, 2, "{damage:?}: it is put off");
        world.wait(Duration::from_mins(31));
        assert_eq!(world.sweeper.sweep().await.unwrap().deliveries, 3, "{damage:?}");
    }
}
