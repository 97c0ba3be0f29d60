//! `DynamoDB`: dynoxide, with the table that `template.yaml` describes.

use std::{fmt, sync::Mutex};

use bytes::Bytes;
use dynoxide::Database;
use serde_json::{Value, json};
use toonmill_domain::{AccountId, JobId};

pub(crate) const TABLE: &str = "toonmill";

pub struct Dynamo {
    database: Database,
    meter: Mutex<Option<Units>>,
}

/// What DynamoDB would bill.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Units {
    pub read: f64,
    pub write: f64,
}

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
        Self { database, meter: Mutex::default() }
    }

    /// One item as it lies there, read behind everybody's back.
    pub fn item(&self, pk: &str, sk: &str) -> Option<Value> {
        let request = json!({ "TableName": TABLE, "Key": { "pk": { "S": pk }, "sk": { "S": sk } } });
        let answer = self.database.get_item(serde_json::from_value(request).unwrap()).unwrap();
        serde_json::to_value(answer).unwrap().get_mut("Item").map(Value::take).filter(Value::is_object)
    }

    /// The jobs that there are.
    pub(crate) fn jobs(&self) -> Vec<JobId> {
        self.partitions("J#").iter().map(|id| id.parse().unwrap()).collect()
    }

    /// The accounts that there are.
    pub(crate) fn accounts(&self) -> Vec<AccountId> {
        self.partitions("U#").iter().map(|id| id.parse().unwrap()).collect()
    }

    /// What follows this in the partition keys of the records that are the heads of their partitions.
    fn partitions(&self, prefix: &str) -> Vec<String> {
        let heads = self.items().into_iter().filter(|item| item["sk"]["S"] == "A");
        heads.filter_map(|item| item["pk"]["S"].as_str()?.strip_prefix(prefix).map(str::to_owned)).collect()
    }

    /// Every item, read behind everybody's back.
    pub fn items(&self) -> Vec<Value> {
        let mut items = Vec::new();
        let mut request = json!({ "TableName": TABLE });
        loop {
            let answer = self.database.scan(serde_json::from_value(request.clone()).unwrap()).unwrap();
            let mut answer = serde_json::to_value(answer).unwrap();
            items.append(answer["Items"].as_array_mut().unwrap());
            match answer.get("LastEvaluatedKey").filter(|key| key.is_object()) {
                Some(last) => request["ExclusiveStartKey"] = last.clone(),
                None => return items,
            }
        }
    }

    /// Puts an item behind everybody's back.
    pub fn put(&self, item: &Value) {
        let request = json!({ "TableName": TABLE, "Item": item });
        self.database.put_item(serde_json::from_value(request).unwrap()).unwrap();
    }

    /// From now on counts units, which costs time.
    pub fn start_meter(&self) {
        *self.meter.lock().unwrap() = Some(Units::default());
    }

    /// What was counted.
    pub fn units(&self) -> Units {
        self.meter.lock().unwrap().unwrap_or_default()
    }

    pub(crate) fn answer(&self, operation: &str, body: &[u8]) -> (u16, Bytes) {
        if self.meter.lock().unwrap().is_none() {
            return self.plain_answer(operation, body);
        }
        let mut request: Value = serde_json::from_slice(body).unwrap();
        request["ReturnConsumedCapacity"] = "TOTAL".into();
        let (status, answer) = self.plain_answer(operation, &serde_json::to_vec(&request).unwrap());
        let told: Value = serde_json::from_slice(&answer).unwrap();
        let consumed = match &told["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
            table => table["CapacityUnits"].as_f64().unwrap_or(0.0),
        };
        if let Some(units) = self.meter.lock().unwrap().as_mut() {
            if matches!(operation, "GetItem" | "Query" | "Scan" | "BatchGetItem") {
                units.read += consumed;
            } else {
                units.write += consumed;
            }
        }
        (status, answer)
    }

    fn plain_answer(&self, operation: &str, body: &[u8]) -> (u16, Bytes) {
        macro_rules! run {
            ($method:ident) => {
                match serde_json::from_slice(body) {
                    Ok(request) => match self.database.$method(request) {
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
