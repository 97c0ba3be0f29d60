//! One action.

use lambda_runtime::LambdaEvent;
use serde_json::Value;
use toonmill_flows::operate::{Action, OperateError, Operator};
use toonmill_runtime::{Aws, SettingError, Settings, system};

#[derive(Debug, thiserror::Error)]
pub(crate) enum OperatorError {
    #[error("this is no action: {0}")]
    NoAction(#[from] serde_json::Error),
    #[error(transparent)]
    Operate(#[from] OperateError),
}

pub(crate) fn start(settings: &Settings, aws: &Aws) -> Result<Operator, SettingError> {
    Ok(Operator {
        table: aws.table(settings)?,
        blobs: aws.blobs(settings)?,
        doorbell: aws.doorbell(settings)?,
        clock: system::clock(),
        ids: system::ids(),
    })
}

pub(crate) async fn handle(operator: &Operator, event: LambdaEvent<Value>) -> Result<Value, OperatorError> {
    let action: Action = serde_json::from_value(event.payload)?;
    Ok(operator.operate(action).await?)
}
