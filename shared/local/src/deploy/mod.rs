//! From `template.yaml` and built functions to a running stack: upload, change set, routes.

pub(crate) mod package;
mod routes;
pub(crate) mod signed;
pub(crate) mod stack;
pub(crate) mod template;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sqs::types::QueueAttributeName;

use crate::bot;
use crate::providers::Key;
use package::Package;
use signed::SignedClient;
use stack::Outputs;
use template::Template;

pub(crate) const ACCESS_KEY: &str = "test";
pub(crate) const SECRET_KEY: &str = "test";
pub(crate) const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";

/// Where code and template are uploaded, as `sam deploy` has its managed bucket.
const ARTIFACTS: &str = "artifacts";

/// What differs from AWS, all of it by the template's own parameters.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Those that are not among them are turned off.
    pub(crate) providers: Vec<Account>,
    pub(crate) jwt_public_keys: String,
    /// What tokens are signed with.
    pub(crate) jwt_signing_key: String,
    /// What receipts are signed with.
    pub(crate) receipt_key: String,
    pub(crate) parameters: Vec<(String, String)>,
    /// Where the stand-in of Telegram is, if there is one.
    pub(crate) bot: Option<String>,
    pub(crate) log_level: String,
}

/// Access to one provider.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) key: Key,
    /// Empty: the real one.
    pub(crate) base_url: String,
}

pub(crate) async fn deploy(
    endpoint: &str,
    template: &Template,
    packages: &[Package],
    settings: &Settings,
) -> Result<Outputs> {
    let config = sdk_config(endpoint).await;
    let template_url = upload(&config, endpoint, template, packages).await?;
    let mut arguments = parameters(settings);
    for account in &settings.providers {
        let provider = account.key.provider.parameter();
        let name = format!("{}-api-key", account.key.provider.name());
        let secret = create_secret(&config, &name, &account.key.text).await?;
        arguments.push((format!("{provider}ApiKeySecret"), secret));
        arguments.push((format!("{provider}ApiBaseUrl"), account.base_url.clone()));
    }
    if let Some(standins) = &settings.bot {
        let token = create_secret(&config, "telegram-bot-token", bot::TOKEN).await?;
        let secret = create_secret(&config, "telegram-webhook-secret", bot::SECRET).await?;
        let of = |name: &str, value: String| (name.to_owned(), value);
        arguments.extend([
            of("TelegramBotTokenSecret", token),
            of("TelegramWebhookSecret", secret),
            of("TelegramBotUsername", bot::USERNAME.to_owned()),
            of("TelegramApiBaseUrl", standins.clone()),
        ]);
    }
    let signing_key = create_secret(&config, "jwt-signing-key", &settings.jwt_signing_key).await?;
    arguments.push(("JwtSigningKeySecret".to_owned(), signing_key));
    let receipt_key = create_secret(&config, "receipt-signing-key", &settings.receipt_key).await?;
    arguments.push(("ReceiptSigningKeySecret".to_owned(), receipt_key));
    let client = aws_sdk_cloudformation::Client::new(&config);
    let outputs = stack::create(&client, &template_url, &arguments).await?;
    routes::create(&SignedClient::new(endpoint)?, template, &outputs).await?;
    Ok(outputs)
}

/// Has a message that was received and not deleted come back to its queue after so many seconds, in every queue of the stack.
pub(crate) async fn show_messages_again_after(endpoint: &str, outputs: &Outputs, seconds: u32) -> Result<()> {
    let client = aws_sdk_sqs::Client::new(&sdk_config(endpoint).await);
    for queue in outputs.queues() {
        let set = client.set_queue_attributes().queue_url(queue);
        set.attributes(QueueAttributeName::VisibilityTimeout, seconds.to_string()).send().await?;
    }
    Ok(())
}

/// Of SDK clients that call the emulator by its own account.
pub(crate) async fn sdk_config(endpoint: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local"))
        .endpoint_url(endpoint)
        .load()
        .await
}

async fn upload(config: &SdkConfig, endpoint: &str, template: &Template, packages: &[Package]) -> Result<String> {
    let client = aws_sdk_s3::Client::new(config);
    client.create_bucket().bucket(ARTIFACTS).send().await?;
    let mut locations = BTreeMap::new();
    for package in packages {
        let key = package.key();
        let body = ByteStream::from_path(&package.zip).await?;
        client.put_object().bucket(ARTIFACTS).key(&key).body(body).send().await?;
        locations.insert(package.logical_id.clone(), format!("s3://{ARTIFACTS}/{key}"));
    }
    let rewritten = template.with_code_at(&locations)?;
    let key = "template.yaml";
    let body = ByteStream::from(rewritten.into_bytes());
    client.put_object().bucket(ARTIFACTS).key(key).body(body).send().await?;
    Ok(format!("{endpoint}/{ARTIFACTS}/{key}"))
}

/// The key lies where it lies in AWS, so that the functions read it by the same call.
async fn create_secret(config: &SdkConfig, name: &str, text: &str) -> Result<String> {
    let client = aws_sdk_secretsmanager::Client::new(config);
    let created = client.create_secret().name(format!("toonmill/{name}")).secret_string(text).send().await?;
    Ok(created.arn().context("a secret without an ARN")?.to_owned())
}

fn parameters(settings: &Settings) -> Vec<(String, String)> {
    let architecture = if std::env::consts::ARCH == "aarch64" { "arm64" } else { "x86_64" };
    let own = [
        ("Architecture", architecture.to_owned()),
        ("LogLevel", settings.log_level.clone()),
        ("JwtPublicKeys", settings.jwt_public_keys.clone()),
        // The emulator has no CodeDeploy, and every stack of the local cloud is a first one.
        ("GradualDeployment", "false".to_owned()),
    ];
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
    own.chain(settings.parameters.iter().cloned()).collect()
}
