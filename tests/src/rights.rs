//! What IAM would have to allow of a call.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::network::Call;

/// An action on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// As IAM names it: `dynamodb:PutItem`.
    pub action: String,
    pub on: Resource,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Items whose partition key begins so, up to its first `#`; in a policy, a pattern of partition keys.
    Table(String),
    /// The table's one index.
    Index,
    Bucket,
    /// By key; a policy's may end in `*`.
    Object(String),
    /// By the last part of its address.
    Queue(String),
}

impl Right {
    fn new(action: impl Into<String>, on: Resource) -> Self {
        Self { action: action.into(), on }
    }
}

/// The rights that a call took which was answered with this status.
pub(crate) fn of_call(call: &Call, path: &str, body: &[u8], status: u16) -> BTreeSet<Right> {
    match call.service {
        "DynamoDB" => of_dynamodb(&call.operation, &parse(body)),
        "S3" => of_s3(&call.operation, path, body, status),
        _ => {
            let queue =
                parse(body)["QueueUrl"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
            // A batch is allowed by the action of its entries.
            let action = call.operation.trim_end_matches("Batch");
            [Right::new(format!("sqs:{action}"), Resource::Queue(queue))].into()
        }
    }
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

/// Transactions take the rights of their parts
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>).
fn of_dynamodb(operation: &str, request: &Value) -> BTreeSet<Right> {
    let action = format!("dynamodb:{operation}");
    if !request["IndexName"].is_null() {
        return [Right::new(action, Resource::Index)].into();
    }
    if let Some(parts) = request["TransactItems"].as_array() {
        let parts = parts.iter().flat_map(|part| part.as_object().unwrap());
        return parts.map(|(name, part)| Right::new(action_of(name), leading(partition_of(part)))).collect();
    }
    if let Some(tables) = request["RequestItems"].as_object() {
        let partitions = tables.values().flat_map(partitions_of_batch);
        return partitions.map(|partition| Right::new(action.clone(), leading(partition))).collect();
    }
    let partition = match operation {
        "Query" => request["ExpressionAttributeValues"][":pk"]["S"].as_str(),
        _ => partition_of(request),
    };
    [Right::new(action, leading(partition))].into()
}

/// The action of a part of a transaction.
fn action_of(part: &str) -> String {
    match part {
        "ConditionCheck" => "dynamodb:ConditionCheckItem".to_owned(),
        name => format!("dynamodb:{name}Item"),
    }
}

/// The partition keys of a batch: of what it reads, puts or deletes.
fn partitions_of_batch(table: &Value) -> Vec<Option<&str>> {
    let keys = table["Keys"].as_array().into_iter().flatten().map(|key| key["pk"]["S"].as_str());
    let writes = table.as_array().into_iter().flatten().flat_map(|write| write.as_object().unwrap().values());
    keys.chain(writes.map(partition_of)).collect()
}

fn partition_of(request: &Value) -> Option<&str> {
    request["Key"]["pk"]["S"].as_str().or_else(|| request["Item"]["pk"]["S"].as_str())
}

/// What `dynamodb:LeadingKeys` would be, shortened to the kind of the record: sets of rights stay small. A scan has none.
fn leading(partition: Option<&str>) -> Resource {
    let kind = partition.map(|key| key.split_once('#').map_or(key.to_owned(), |(kind, _)| format!("{kind}#")));
    Resource::Table(kind.unwrap_or_default())
}

/// Without the right to list, what is missing is "access denied"
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>).
fn of_s3(operation: &str, path: &str, body: &[u8], status: u16) -> BTreeSet<Right> {
    let key = path.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key).to_owned();
    let list = Right::new("s3:ListBucket", Resource::Bucket);
    match operation {
        "ListObjectsV2" => [list].into(),
        "DeleteObjects" => {
            let body = String::from_utf8_lossy(body);
            let keys = body.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
            keys.map(|key| Right::new("s3:DeleteObject", Resource::Object(key.to_owned()))).collect()
        }
        "HeadObject" | "GetObject" => {
            let get = Right::new("s3:GetObject", Resource::Object(key));
            if status == 404 { [get, list].into() } else { [get].into() }
        }
        other => [Right::new(format!("s3:{other}"), Resource::Object(key))].into(),
    }
}
