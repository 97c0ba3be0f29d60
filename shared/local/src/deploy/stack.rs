//! One CloudFormation stack by one change set, as `sam deploy` makes it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetStatus, ChangeSetType, Parameter, ResourceStatus, StackStatus,
};
use serde::{Deserialize, Serialize};

use crate::pause;

const STACK: &str = "toonmill";
const CHANGE_SET: &str = "local";
const LIMIT: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(100);

/// The stack's outputs, by key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outputs(BTreeMap<String, String>);

impl Outputs {
    /// The addresses of all queues.
    pub(super) fn queues(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(key, _)| key.ends_with("QueueUrl")).map(|(_, url)| url.as_str())
    }

    pub(crate) fn get(&self, key: &str) -> Result<&str> {
        let value = self.0.get(key).with_context(|| format!("template.yaml has no output {key}"))?;
        Ok(value)
    }
}

pub(crate) async fn create(client: &Client, template_url: &str, parameters: &[(String, String)]) -> Result<Outputs> {
    let parameters = parameters
        .iter()
        .map(|(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build())
        .collect();
    client
        .create_change_set()
        .stack_name(STACK)
        .change_set_name(CHANGE_SET)
        .change_set_type(ChangeSetType::Create)
        .template_url(template_url)
        .set_parameters(Some(parameters))
        .capabilities(Capability::CapabilityIam)
        .capabilities(Capability::CapabilityAutoExpand)
        .send()
        .await?;
    wait_for_change_set(client).await?;
    client.execute_change_set().stack_name(STACK).change_set_name(CHANGE_SET).send().await?;
    wait_for_stack(client).await
}

async fn wait_for_change_set(client: &Client) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < LIMIT {
        let seen = client.describe_change_set().stack_name(STACK).change_set_name(CHANGE_SET).send().await?;
        match seen.status() {
            Some(ChangeSetStatus::CreateComplete) => return Ok(()),
            Some(ChangeSetStatus::Failed) => {
                bail!("the change set failed: {}", seen.status_reason().unwrap_or("no reason given"))
            }
            _ => pause(POLL).await,
        }
    }
    bail!("the change set was not ready within {} s", LIMIT.as_secs())
}

async fn wait_for_stack(client: &Client) -> Result<Outputs> {
    let started = Instant::now();
    while started.elapsed() < LIMIT {
        let seen = client.describe_stacks().stack_name(STACK).send().await?;
        let stack = seen.stacks().first().context("the stack is gone")?;
        match stack.stack_status() {
            Some(StackStatus::CreateComplete) => {
                let outputs = stack.outputs().iter().filter_map(|output| {
                    let key = output.output_key()?;
                    Some((key.to_owned(), output.output_value()?.to_owned()))
                });
                return Ok(Outputs(outputs.collect()));
            }
            Some(status) if status.as_str().ends_with("_IN_PROGRESS") => pause(POLL).await,
            status => bail!("the stack ended in {status:?}\n{}", failures(client).await?),
        }
    }
    bail!("the stack was not ready within {} s\n{}", LIMIT.as_secs(), failures(client).await?)
}

async fn failures(client: &Client) -> Result<String> {
    let events = client.describe_stack_events().stack_name(STACK).send().await?;
    let lines = events
        .stack_events()
        .iter()
        .filter(|event| event.resource_status() == Some(&ResourceStatus::CreateFailed))
        .map(|event| {
            format!(
                "  {} ({}): {}",
                event.logical_resource_id().unwrap_or("?"),
                event.resource_type().unwrap_or("?"),
                event.resource_status_reason().unwrap_or("no reason given")
            )
        });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
