//! The owner's list of jobs: rows written in the transactions that make and end them.

use serde::{Deserialize, Serialize};
use toonmill_domain::{AccountId, Job, JobId, JobKind};

use super::{Table, keys, records};
use crate::{
    error::CloudError,
    item::{Attributes, Item, Reader, text, time},
};

/// A row of the list, enough to filter by. The job's own record is the truth about its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    pub job: JobId,
    pub kind: JobKind,
    pub production_id: Option<String>,
}

/// Where a scan goes on: the last key that it read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanCursor {
    pk: String,
    sk: String,
}

impl ScanCursor {
    fn of(key: &Item) -> Result<Self, CloudError> {
        let read = Reader::new(key, "key of a scan");
        Ok(Self { pk: read.text("pk")?.to_owned(), sk: read.text("sk")?.to_owned() })
    }

    fn key(&self) -> Item {
        Item::from([("pk".to_owned(), text(&self.pk)), ("sk".to_owned(), text(&self.sk))])
    }
}

pub(super) fn job_row_item(job: &Job) -> Item {
    let attributes = Attributes::default()
        .with("job", text(job.id))
        .with("kind", text(job.kind.as_str()))
        .with("status", text(job.status.as_str()))
        .with_some("productionId", job.production_id.as_ref().map(text))
        .with("createdAt", time(job.created_at));
    keys::job_row(&job.account, job.id).with(attributes.into_item())
}

impl Table {
    /// At most `limit` of an account's jobs, newest first, that are older than `before`.
    pub async fn list_jobs(
        &self,
        account: &AccountId,
        before: Option<JobId>,
        limit: i32,
    ) -> Result<Vec<JobRow>, CloudError> {
        let before = before.map(|job| keys::job_row(account, job).sk);
        let rows = self.newest_rows(account, keys::JOB_ROW_PREFIX, before.as_deref(), limit).await?;
        rows.iter().map(read_row).collect()
    }

    /// At most `limit` of an account's rows with this prefix, the last first, that stand before the sort key `before`.
    pub(super) async fn newest_rows(
        &self,
        account: &AccountId,
        prefix: &str,
        before: Option<&str>,
        limit: i32,
    ) -> Result<Vec<Item>, CloudError> {
        let last = match before {
            // BETWEEN takes both ends in, and the row itself was on the page before.
            Some(sort) => previous(sort),
            None => format!("{prefix}~"),
        };
        let answer = self
            .range(&keys::account_partition(account), prefix, &last)
            .scan_index_forward(false)
            .limit(limit)
            .send()
            .await
            .map_err(|error| CloudError::from_sdk("Query", error))?;
        Ok(answer.items.unwrap_or_default())
    }

    /// Some of all accounts, and where to go on; none once all were seen. Only an audit asks: this reads the table.
    pub async fn some_accounts(
        &self,
        after: Option<&ScanCursor>,
    ) -> Result<(Vec<AccountId>, Option<ScanCursor>), CloudError> {
        let answer = self
            .client()
            .scan()
            .table_name(self.name())
            .consistent_read(true)
            .filter_expression("sk = :account AND begins_with(pk, :of)")
            .expression_attribute_values(":account", text(keys::ACCOUNT_SORT))
            .expression_attribute_values(":of", text(keys::ACCOUNT_PREFIX))
            .set_exclusive_start_key(after.map(ScanCursor::key))
            .send()
            .await
            .map_err(|error| CloudError::from_sdk("Scan", error))?;
        let accounts = answer.items().iter().map(|item| Reader::new(item, "account record").parsed("account"));
        let next = answer.last_evaluated_key().map(ScanCursor::of).transpose()?;
        Ok((accounts.collect::<Result<_, _>>()?, next))
    }

    /// The records of these jobs, in any order; those that are gone are left out.
    pub async fn load_job_records(&self, jobs: &[JobId]) -> Result<Vec<Job>, CloudError> {
        let keys = jobs.iter().map(|job| keys::job(*job).into_item()).collect();
        self.batch_get(keys).await?.iter().map(records::read_job).collect()
    }
}

/// A sort key just before one that ends in a hexadecimal digit.
fn previous(sk: &str) -> String {
    let (head, tail) = sk.split_at(sk.len().saturating_sub(1));
    match tail.chars().next().and_then(|digit| char::from_u32(u32::from(digit).saturating_sub(1))) {
        Some(before) => format!("{head}{before}~"),
        None => head.to_owned(),
    }
}

fn read_row(item: &Item) -> Result<JobRow, CloudError> {
    let read = Reader::new(item, "row of the list of jobs");
    Ok(JobRow {
        job: read.parsed("job")?,
        kind: read.named("kind", JobKind::parse)?,
        production_id: read.opt_text("productionId")?.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_before_an_id_holds_every_smaller_id_and_not_the_id() {
        let before = previous("JOB#a0");
        assert!(before.as_str() < "JOB#a0" && before.as_str() > "JOB#9f");
        let before = previous("JOB#aa");
        assert!(before.as_str() < "JOB#aa" && before.as_str() > "JOB#a9");
    }
}
