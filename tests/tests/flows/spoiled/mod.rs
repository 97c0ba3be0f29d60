//! One spoiled record stops nothing but itself.

mod cleanup;
mod deliveries;
mod hints;
mod museum;
mod overlap;
mod reconcile;
mod sweep;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use toonmill_tests::World;

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

/// How a record is spoiled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Damage {
    /// Nothing but its key and its place in the due index is left.
    Truncated,
    /// An attribute that names one of a few things names another.
    UnknownName,
    /// A number is a text.
    WrongType,
    /// One attribute is not there.
    Missing,
}

pub(crate) const DAMAGES: [Damage; 4] = [Damage::Truncated, Damage::UnknownName, Damage::WrongType, Damage::Missing];

/// Which attributes of a sort of records are spoiled: one that names, one that counts, one that must be there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spots {
    pub(crate) name: &'static str,
    pub(crate) number: &'static str,
    pub(crate) needed: &'static str,
}

impl Damage {
    pub(crate) fn of(self, mut item: Item, spots: Spots) -> Item {
        match self {
            Self::Truncated => {
                item.retain(|name, _| ["pk", "sk", "dueShard", "nextCheckAt"].contains(&name.as_str()));
            }
            Self::UnknownName => {
                item.insert(spots.name.to_owned(), text("moonrise"));
            }
            Self::WrongType => {
                item.insert(spots.number.to_owned(), text("seven"));
            }
            Self::Missing => {
                item.remove(spots.needed).unwrap();
            }
        }
        item
    }
}

/// A record as it lies in the table.
pub(crate) async fn load(world: &World, pk: &str, sk: &str) -> Item {
    let get = world.dynamodb.get_item().table_name("toonmill").key("pk", text(pk)).key("sk", text(sk));
    get.consistent_read(true).send().await.unwrap().item.unwrap()
}

/// Puts a record behind everybody's back.
pub(crate) async fn put(world: &World, item: Item) {
    world.dynamodb.put_item().table_name("toonmill").set_item(Some(item)).send().await.unwrap();
}

/// Spoils a record, and gives back what it was.
pub(crate) async fn spoil(world: &World, (pk, sk): (&str, &str), damage: Damage, spots: Spots) -> Item {
    let whole = load(world, pk, sk).await;
    put(world, damage.of(whole.clone(), spots)).await;
    whole
}
