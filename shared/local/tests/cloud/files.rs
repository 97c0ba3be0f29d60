//! Uploads, inputs and the end of temporary files, by the whole deployment: every role has the rights that it needs, and a
//! signed upload takes nothing but what was announced.

use std::io::Cursor;

use aws_sdk_dynamodb::{
    config::{BehaviorVersion, Credentials, Region},
    types::AttributeValue,
};
use image::{ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::Cloud;

#[tokio::test]
async fn a_file_is_uploaded_used_and_gone_after_its_day_unless_it_was_saved() {
    let cloud = Cloud::up("test-files", &["--failure-rate", "0"]).await;
    let ann = cloud.token("ann");
    cloud.grant("ann", 1_000);
    let upload = an_upload_takes_nothing_but_what_was_announced(&cloud, &ann).await;
    assert_eq!(prepared(&cloud).await, 0);
    let [kept, lost] = [regenerated(&cloud, &ann, &upload).await, regenerated(&cloud, &ann, &upload).await];
    assert_eq!(prepared(&cloud).await, 1, "the photograph was shrunk, and left for the next worker");
    let saved = cloud.post("/api/regenerate-image-save", &ann, &json!({ "fileIds": [kept["fileId"]] })).await;
    assert_eq!(saved.json::<Value>().await.unwrap()["saved"], json!([kept["fileId"]]));
    assert_eq!(listed(&cloud, &ann, "").await.len(), 3);

    for file in [upload.as_str(), kept["fileId"].as_str().unwrap(), lost["fileId"].as_str().unwrap()] {
        age(&cloud, file).await;
    }
    let (done, would) = cloud.invoke("cleanup", &json!({ "dryRun": true }));
    assert!(done && would["temporaryFiles"] == 2, "{would}");
    assert_eq!(listed(&cloud, &ann, "").await.len(), 3, "a dry run removes nothing");
    let (done, cleaned) = cloud.invoke("cleanup", &json!({}));
    assert!(done && cleaned["temporaryFiles"] == 2, "{cleaned}");

    let left = listed(&cloud, &ann, "").await;
    assert_eq!(left.iter().map(|file| &file["id"]).collect::<Vec<_>>(), [&kept["fileId"]]);
    assert_eq!(listed(&cloud, &ann, "?isTemp=true").await.len(), 0);
    assert_eq!(cloud.get(&format!("/api/v1/files/{upload}"), &ann).await.status(), 404);
    let (gone, there) = (json!({ "url": lost["fileUrl"] }), json!({ "url": kept["fileUrl"] }));
    assert!(!cloud.download(&gone).await.starts_with(b"RIFF"), "its object went with it");
    assert!(cloud.download(&there).await.starts_with(b"RIFF"));
    let images = format!("/api/v1/jobs/{}/images", lost["jobId"].as_str().unwrap());
    let images: Value = cloud.get(&images, &ann).await.json().await.unwrap();
    assert_eq!((&images["data"][0]["isGone"], &images["data"][0]["url"]), (&json!(true), &Value::Null), "{images}");
}

/// A wide photograph, larger than any model takes it.
fn photograph() -> Vec<u8> {
    let pixels =
        RgbImage::from_fn(3_200, 1_800, |x, y| Rgb([u8::try_from(x / 13).unwrap(), u8::try_from(y / 8).unwrap(), 90]));
    let mut jpeg = Cursor::new(Vec::new());
    pixels.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    jpeg.into_inner()
}

async fn an_upload_takes_nothing_but_what_was_announced(cloud: &Cloud, token: &str) -> String {
    let bytes = photograph();
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let body =
        json!({ "fileName": "street.jpg", "mimeType": "image/jpeg", "sizeBytes": bytes.len(), "sha256": sha256 });
    let answer = cloud.post("/api/v1/uploads", token, &body).await;
    assert_eq!(answer.status(), 201);
    let upload: Value = answer.json().await.unwrap();
    let put = async |bytes: Vec<u8>, changed: &[(&str, &str)]| {
        let mut request = reqwest::Client::new().put(upload["uploadUrl"].as_str().unwrap());
        for (name, value) in upload["headers"].as_object().unwrap() {
            let other = changed.iter().find(|(changed, _)| changed == name).map(|(_, value)| *value);
            let value = other.or(value.as_str()).unwrap();
            // The client itself says how long the body is.
            if name != "content-length" {
                request = request.header(name, value);
            }
        }
        request.body(bytes).send().await.unwrap().status()
    };
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(!put(longer, &[]).await.is_success(), "more bytes than announced");
    assert!(!put(bytes.clone(), &[("content-type", "text/html")]).await.is_success(), "another type");
    let mut other = bytes.clone();
    *other.last_mut().unwrap() ^= 1;
    assert!(!put(other, &[]).await.is_success(), "other bytes of the same number");
    assert!(put(bytes, &[]).await.is_success());
    upload["fileId"].as_str().unwrap().to_owned()
}

async fn regenerated(cloud: &Cloud, token: &str, original: &str) -> Value {
    let body = json!({
        "fileId": original, "prompt": "at night", "cutId": "cut-1", "processId": "p-1", "apiProvider": "gemini"
    });
    let request = cloud.request(Method::POST, "/api/regenerate-image", token).header("prefer", "wait=25");
    let told: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(told["status"], "COMPLETED", "{}", told["error"]);
    told
}

async fn listed(cloud: &Cloud, token: &str, query: &str) -> Vec<Value> {
    let list: Value = cloud.get(&format!("/api/v1/files{query}"), token).await.json().await.unwrap();
    list["data"].as_array().unwrap().clone()
}

/// How many inputs of ann's were left for other workers.
async fn prepared(cloud: &Cloud) -> usize {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new("us-east-1"))
        .endpoint_url(&cloud.endpoint)
        .force_path_style(true)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"));
    let client = aws_sdk_s3::Client::from_conf(config.build());
    let listed = client.list_objects_v2().bucket(cloud.output("BucketName")).prefix("prepared/ann/").send().await;
    listed.unwrap().contents().len()
}

/// Lets a temporary file's time be over.
async fn age(cloud: &Cloud, file: &str) {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&cloud.endpoint)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"));
    let aged = aws_sdk_dynamodb::Client::from_conf(config.build())
        .update_item()
        .table_name(cloud.output("TableName"))
        .key("pk", AttributeValue::S(format!("FILE#{file}")))
        .key("sk", AttributeValue::S("A".to_owned()))
        .update_expression("SET expiresAtMs = :past, nextCheckAt = :past")
        // A saved file has no end that could be put forward.
        .condition_expression("attribute_exists(expiresAtMs)")
        .expression_attribute_values(":past", AttributeValue::N("1".to_owned()))
        .send()
        .await;
    if let Err(error) = aged {
        let error = error.into_service_error();
        assert!(error.is_conditional_check_failed_exception(), "{error:?}");
    }
}
