//! The characters of an account: records of its own partition, so that nobody else's can be asked for (TN-1).

use aws_sdk_dynamodb::error::SdkError;
use toonmill_domain::{AccountId, Character, CharacterId};

use super::{Table, keys};
use crate::{
    error::CloudError,
    item::{Attributes, Item, Reader, text, time},
};

impl Table {
    /// Writes a new character's record.
    pub async fn create_character(&self, character: &Character) -> Result<(), CloudError> {
        let answer = self
            .client()
            .put_item()
            .table_name(self.name())
            .set_item(Some(character_item(character)))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            // Ids of characters are made once: a record with this one is this call's own, its answer lost.
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(CloudError::from_sdk("PutItem", error)),
        }
    }

    /// A character of this account.
    pub async fn load_character(&self, account: &AccountId, id: CharacterId) -> Result<Option<Character>, CloudError> {
        let item = self.get(keys::character(account, id)).await?;
        item.as_ref().map(|item| read_character(account, item)).transpose()
    }

    /// At most `limit` of an account's characters, newest first, that are older than `before`.
    pub async fn list_characters(
        &self,
        account: &AccountId,
        before: Option<CharacterId>,
        limit: i32,
    ) -> Result<Vec<Character>, CloudError> {
        let before = before.map(|character| keys::character(account, character).sk);
        let rows = self.newest_rows(account, keys::CHARACTER_PREFIX, before.as_deref(), limit).await?;
        rows.iter().map(|item| read_character(account, item)).collect()
    }
}

fn character_item(character: &Character) -> Item {
    let attributes = Attributes::default()
        .with("character", text(character.id))
        .with("name", text(&character.name))
        .with("description", text(&character.description))
        .with_some("project", character.project.as_ref().map(text))
        .with("createdAt", time(character.created_at));
    keys::character(&character.account, character.id).with(attributes.into_item())
}

fn read_character(account: &AccountId, item: &Item) -> Result<Character, CloudError> {
    let read = Reader::new(item, "character record");
    Ok(Character {
        id: read.parsed("character")?,
        account: account.clone(),
        name: read.text("name")?.to_owned(),
        description: read.text("description")?.to_owned(),
        project: read.opt_text("project")?.map(str::to_owned),
        created_at: read.time("createdAt")?,
    })
}
