//! What shows no message: who the bot is, its menu, what it is doing, and answers to pressed buttons.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Order, done};
use crate::telegram::{
    limits::{ACTIONS, CALLBACK_ANSWER_UNITS, COMMAND, COMMANDS, units},
    wire::ApiError,
};

pub(super) fn get_me(order: &Order<'_>) -> Value {
    let mut me = order.bot.show();
    if let Some(me) = me.as_object_mut() {
        me.insert("can_join_groups".into(), json!(true));
        me.insert("can_read_all_group_messages".into(), json!(false));
        me.insert("supports_inline_queries".into(), json!(false));
    }
    me
}

#[derive(Deserialize)]
struct Command {
    command: String,
    description: String,
}

pub(super) fn set_my_commands(order: &mut Order<'_>) -> Result<Value, ApiError> {
    let commands: Vec<Command> = order.fields.parsed("commands")?.unwrap_or_default();
    if commands.len() > COMMANDS {
        return Err(ApiError::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    let mut names = BTreeSet::new();
    for Command { command, description } in &commands {
        let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        let name = command.trim_start_matches('/');
        if name.is_empty() || name.len() > COMMAND.0 || !name.chars().all(letter) || !names.insert(name) {
            return Err(ApiError::bad("BOT_COMMAND_INVALID"));
        }
        if !(1..=COMMAND.1).contains(&description.chars().count()) {
            return Err(ApiError::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    let scope: Option<Value> = order.fields.parsed("scope")?;
    let scope = scope.as_ref().and_then(|scope| scope.get("type")?.as_str()).unwrap_or("default");
    let language = order.fields.text("language_code").unwrap_or_default();
    let commands = commands.iter().map(|one| json!({ "command": one.command, "description": one.description }));
    let commands = commands.collect();
    order.bot.commands.insert(format!("{scope}/{language}"), commands);
    Ok(done())
}

pub(super) fn chat_action(mut order: Order<'_>) -> Result<Value, ApiError> {
    order.chat_id()?;
    let action = order.fields.text("action").unwrap_or_default();
    if ACTIONS.contains(&action.as_ref()) {
        Ok(done())
    } else {
        Err(ApiError::bad("wrong parameter action in request"))
    }
}

pub(super) fn answer_callback_query(order: &mut Order<'_>) -> Result<Value, ApiError> {
    if order.fields.text("text").is_some_and(|text| units(&text) > CALLBACK_ANSWER_UNITS) {
        return Err(ApiError::bad("MESSAGE_TOO_LONG"));
    }
    let id = order.fields.text("callback_query_id").unwrap_or_default();
    if order.bot.queries.remove(id.as_ref()) {
        return Ok(done());
    }
    Err(ApiError::bad("query is too old and response timeout expired or query ID is invalid"))
}
