//! Update and condition expressions, written in full where they are used.
//!
//! Every attribute is written `#name` and every value `:name`, because several of our names are reserved words
//! of `DynamoDB` and a list of which is no reading matter.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{
        AttributeValue, ConditionCheck, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update,
    },
};

use crate::{
    Conditional,
    error::{CloudError, CloudErrorKind},
    item::Item,
    patience::{CONFLICT_TRIES, pause},
    table::{Table, keys::Key},
};

pub(crate) type Values = HashMap<String, AttributeValue>;

/// A conditional update of one item.
pub(crate) struct Change<'a> {
    pub(crate) key: Key,
    pub(crate) update: &'a str,
    pub(crate) condition: &'a str,
    pub(crate) values: Values,
}

/// Values by their names without the colon.
pub(crate) fn values<const N: usize>(pairs: [(&str, AttributeValue); N]) -> Values {
    pairs.into_iter().map(|(name, value)| (format!(":{name}"), value)).collect()
}

/// The names map of the `#name`s in these expressions.
pub(crate) fn names(expressions: &[&str]) -> HashMap<String, String> {
    let of = |expression: &str| {
        expression
            .split('#')
            .skip(1)
            .map(|rest| {
                let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
                (format!("#{name}"), name)
            })
            .collect::<Vec<_>>()
    };
    expressions.iter().flat_map(|expression| of(expression)).collect()
}

impl Change<'_> {
    /// Writes; the answer is the item as it is now, or as it was when the condition failed (absent: none).
    ///
    /// A write that meets a transaction on the same item is refused before its condition is looked at
    /// (`TransactionConflictException`), and the SDK does not repeat it: it is repeated here, as transactions are.
    pub(crate) async fn apply(self, table: &Table) -> Result<Conditional<Item, Option<Item>>, CloudError> {
        for conflicts in 0..CONFLICT_TRIES {
            if conflicts > 0 {
                pause(conflicts).await;
            }
            match self.send(table).await {
                Err(error) if error.kind == CloudErrorKind::Conflict => {}
                answer => return answer,
            }
        }
        Err(CloudError::conflict("UpdateItem"))
    }

    async fn send(&self, table: &Table) -> Result<Conditional<Item, Option<Item>>, CloudError> {
        let answer = table
            .client()
            .update_item()
            .table_name(table.name())
            .set_key(Some(self.key.clone().into_item()))
            .update_expression(self.update)
            .condition_expression(self.condition)
            .set_expression_attribute_names(Some(names(&[self.update, self.condition])))
            .set_expression_attribute_values(Some(self.values.clone()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(output) => Ok(Conditional::Won(output.attributes.unwrap_or_default())),
            Err(SdkError::ServiceError(service)) if service.err().is_conditional_check_failed_exception() => {
                match service.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(lost) => Ok(Conditional::Lost(lost.item)),
                    other => Err(CloudError::corrupt(other.to_string())),
                }
            }
            Err(error) => Err(CloudError::from_sdk("UpdateItem", error)),
        }
    }

    pub(crate) fn in_transaction(self, table: &Table) -> Result<TransactWriteItem, CloudError> {
        let update = Update::builder()
            .table_name(table.name())
            .set_key(Some(self.key.into_item()))
            .update_expression(self.update)
            .condition_expression(self.condition)
            .set_expression_attribute_names(Some(names(&[self.update, self.condition])))
            .set_expression_attribute_values(Some(self.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| CloudError::corrupt(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// A condition on an item that a transaction does not change.
pub(crate) struct Check<'a> {
    pub(crate) key: Key,
    pub(crate) condition: &'a str,
    pub(crate) values: Values,
}

impl Check<'_> {
    pub(crate) fn in_transaction(self, table: &Table) -> Result<TransactWriteItem, CloudError> {
        let check = ConditionCheck::builder()
            .table_name(table.name())
            .set_key(Some(self.key.into_item()))
            .condition_expression(self.condition)
            .set_expression_attribute_names(Some(names(&[self.condition])))
            .set_expression_attribute_values((!self.values.is_empty()).then_some(self.values))
            .build()
            .map_err(|error| CloudError::corrupt(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

/// A put that is part of a transaction; `condition` may use the values.
pub(crate) fn put_in_transaction(
    table: &Table,
    item: Item,
    condition: &str,
    values: Values,
) -> Result<TransactWriteItem, CloudError> {
    let put = Put::builder()
        .table_name(table.name())
        .set_item(Some(item))
        .condition_expression(condition)
        .set_expression_attribute_names(Some(names(&[condition])))
        .set_expression_attribute_values((!values.is_empty()).then_some(values))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .map_err(|error| CloudError::corrupt(error.to_string()))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// A removal that is part of a transaction, of a record that may be gone already.
pub(crate) fn delete_in_transaction(table: &Table, key: Key) -> Result<TransactWriteItem, CloudError> {
    let delete = Delete::builder().table_name(table.name()).set_key(Some(key.into_item()));
    let delete = delete.build().map_err(|error| CloudError::corrupt(error.to_string()))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// A put of a record that must not exist yet.
pub(crate) fn create_in_transaction(table: &Table, item: Item) -> Result<TransactWriteItem, CloudError> {
    put_in_transaction(table, item, "attribute_not_exists(#pk)", Values::new())
}

/// A removal that is part of a transaction, of a record that must be there.
pub(crate) fn delete_existing_in_transaction(table: &Table, key: Key) -> Result<TransactWriteItem, CloudError> {
    delete_if_in_transaction(table, key, "attribute_exists(#pk)", Values::new())
}

/// A removal that is part of a transaction, of a record of which this holds.
pub(crate) fn delete_if_in_transaction(
    table: &Table,
    key: Key,
    condition: &str,
    values: Values,
) -> Result<TransactWriteItem, CloudError> {
    let delete = Delete::builder()
        .table_name(table.name())
        .set_key(Some(key.into_item()))
        .condition_expression(condition)
        .set_expression_attribute_names(Some(names(&[condition])))
        .set_expression_attribute_values((!values.is_empty()).then_some(values));
    let delete = delete.build().map_err(|error| CloudError::corrupt(error.to_string()))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_from_the_expressions() {
        let names = names(&["SET #state = :open, #tries = #tries - :one", "#state = :leased AND size(#active) < :max"]);
        let mut keys: Vec<_> = names.into_iter().collect();
        keys.sort();
        let expected = ["active", "state", "tries"].map(|name| (format!("#{name}"), name.to_owned()));
        assert_eq!(keys, expected);
    }
}
