//! The HTTP API's routes. SAM puts them into the API's `OpenAPI` `Body`, which AWS imports and the emulator ignores,
//! so they are made here from the same events that SAM reads.

use anyhow::{Context, Result};
use serde_json::json;

use super::signed::SignedClient;
use super::stack::Outputs;
use super::template::Template;
use super::{ACCOUNT, REGION};

pub(crate) async fn create(client: &SignedClient, template: &Template, outputs: &Outputs) -> Result<()> {
    let api = outputs.get("HttpApiId")?;
    for function in template.functions.iter().filter(|function| !function.routes.is_empty()) {
        let name = outputs.get(&function.output_key())?;
        let integration = client
            .post_json(
                "apigateway",
                &format!("/v2/apis/{api}/integrations"),
                &json!({
                    "integrationType": "AWS_PROXY",
                    "integrationUri": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
                    "payloadFormatVersion": "2.0",
                }),
            )
            .await?;
        let id = integration.get("integrationId").and_then(|id| id.as_str());
        let id = id.context("an integration without an id")?;
        for route in &function.routes {
            let body = json!({"routeKey": route, "target": format!("integrations/{id}")});
            client.post_json("apigateway", &format!("/v2/apis/{api}/routes"), &body).await?;
        }
    }
    Ok(())
}
