//! `DynamoDB`: dynoxide, with the table that `template.yaml` describes.

use std::fmt;

use bytes::Bytes;
use dynoxide::Database;
use serde_json::{Value, json};

pub(crate) const TABLE: &str = "toonmill";

pub(crate) struct Dynamo(Database);

impl Dynamo {
    pub(crate) fn new() -> Self {
        let database = Database::memory().unwrap();
        let table = json!({
            "TableName": TABLE,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "sk", "AttributeType": "S" },
                { "AttributeName": "dueShard", "AttributeType": "S" },
                { "AttributeName": "nextCheckAt", "AttributeType": "N" },
            ],
            "KeySchema": [
                { "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" },
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "due",
                "KeySchema": [
                    { "AttributeName": "dueShard", "KeyType": "HASH" },
                    { "AttributeName": "nextCheckAt", "KeyType": "RANGE" },
                ],
                "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["deadline"] },
            }],
        });
        database.create_table(serde_json::from_value(table).unwrap()).unwrap();
        Self(database)
    }

    /// One item as it lies there, read behind everybody's back.
    pub(crate) fn item(&self, pk: &str, sk: &str) -> Option<Value> {
        let request = json!({ "TableName": TABLE, "Key": { "pk": { "S": pk }, "sk": { "S": sk } } });
        let answer = self.0.get_item(serde_json::from_value(request).unwrap()).unwrap();
        serde_json::to_value(answer).unwrap().get_mut("Item").map(Value::take).filter(Value::is_object)
    }

    pub(crate) fn answer(&self, operation: &str, body: &[u8]) -> (u16, Bytes) {
        macro_rules! run {
            ($method:ident) => {
                match serde_json::from_slice(body) {
                    Ok(request) => match self.0.$method(request) {
                        Ok(answer) => (200, serde_json::to_vec(&answer).unwrap()),
                        Err(error) => (error.status_code(), error.to_json().into_bytes()),
                    },
                    Err(error) => (400, validation(&error.to_string())),
                }
            };
        }
        let (status, body) = match operation {
            "GetItem" => run!(get_item),
            "PutItem" => run!(put_item),
            "UpdateItem" => run!(update_item),
            "DeleteItem" => run!(delete_item),
            "Query" => run!(query),
            "Scan" => run!(scan),
            "BatchGetItem" => run!(batch_get_item),
            "BatchWriteItem" => run!(batch_write_item),
            "TransactWriteItems" => run!(transact_write_items),
            other => (400, validation(&format!("{other} is not simulated"))),
        };
        (status, Bytes::from(body))
    }
}

fn validation(message: &str) -> Vec<u8> {
    let message = message.strip_prefix("VALIDATION:").unwrap_or(message);
    let error = json!({ "__type": "com.amazon.coral.validate#ValidationException", "message": message });
    error.to_string().into_bytes()
}

impl fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dynamo")
    }
}
