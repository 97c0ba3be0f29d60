//! The purse: balance, what is held, and the ledger that both must sum to.

use std::collections::BTreeSet;

use toonmill_domain::{AccountId, ActiveSet, Credits, JobId, LedgerEntry, LedgerKind, Timestamp, ledger::SIGNUP};

use super::{BY, Table, keys, wrote};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, create_in_transaction, values},
    item::{Attributes, Item, Reader, flag, number, text, time},
};

/// An account's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub balance: Credits,
    pub held: Credits,
    /// Unfinished jobs, as sets of ids, so that they cannot leak as counters do.
    pub active: BTreeSet<JobId>,
    pub active_singles: BTreeSet<JobId>,
    /// Whether it was given its sign-up grant. False of an account that only an operator has opened.
    pub signed_up: bool,
}

/// What came of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granted {
    Now,
    /// The same cause was granted before: nothing was added.
    Before,
}

impl Table {
    pub async fn load_account(&self, account: &AccountId) -> Result<Option<Account>, CloudError> {
        self.get(keys::account(account)).await?.as_ref().map(read_account).transpose()
    }

    /// Makes an account without credits, unless it exists. Its sign-up grant is still to come ([`Table::sign_up`]).
    pub async fn open_account(&self, account: &AccountId, now: Timestamp) -> Result<(), CloudError> {
        let open = Change {
            key: keys::account(account),
            update: "SET #account = :account, #balance = :zero, #held = :zero, #createdAt = :now",
            condition: "attribute_not_exists(#pk)",
            values: values([("account", text(account)), ("zero", number(0)), ("now", time(now))]),
        };
        open.apply(self).await.map(|_| ())
    }

    /// Gives an account its sign-up grant, which is given once: its cause is the key of its ledger entry. An account
    /// that an operator opened before gets it too; one that does not exist is opened.
    pub async fn sign_up(
        &self,
        account: &AccountId,
        grant: Credits,
        now: Timestamp,
        token: &str,
    ) -> Result<(), CloudError> {
        let add = Change {
            key: keys::account(account),
            update: "SET #account = :account, #balance = if_not_exists(#balance, :zero) + :grant, \
                     #held = if_not_exists(#held, :zero), #createdAt = if_not_exists(#createdAt, :now), #signedUp = :true",
            // Signed up without an entry: in a time when there was no grant.
            condition: "attribute_not_exists(#signedUp)",
            values: values([
                ("account", text(account)),
                ("zero", number(0)),
                ("grant", number(grant.get())),
                ("now", time(now)),
                ("true", flag(true)),
            ]),
        };
        if grant == Credits::ZERO {
            return add.apply(self).await.map(|_| ());
        }
        let entry = LedgerEntry::grant(account.clone(), SIGNUP.to_owned(), grant, now);
        let items = vec![create_in_transaction(self, ledger_item(&entry))?, add.in_transaction(self)?];
        match self.transact(items, token).await? {
            // Given before, and noted in the ledger alone.
            Conditional::Lost(refusals) if refusals.failed(0) && !refusals.failed(1) => {
                self.note_signed_up(account).await
            }
            Conditional::Won(()) | Conditional::Lost(_) => Ok(()),
        }
    }

    async fn note_signed_up(&self, account: &AccountId) -> Result<(), CloudError> {
        let note = Change {
            key: keys::account(account),
            update: "SET #signedUp = :true",
            condition: "attribute_exists(#pk)",
            values: values([("true", flag(true))]),
        };
        note.apply(self).await.map(|_| ())
    }

    /// Adds credits to an account that exists, once per cause.
    pub async fn grant(
        &self,
        account: &AccountId,
        cause: &str,
        amount: Credits,
        now: Timestamp,
        token: &str,
    ) -> Result<Granted, CloudError> {
        let entry = LedgerEntry::grant(account.clone(), cause.to_owned(), amount, now);
        let add = Change {
            key: keys::account(account),
            update: "SET #balance = #balance + :amount",
            condition: "attribute_exists(#pk)",
            values: values([("amount", number(amount.get()))]),
        };
        let mut item = ledger_item(&entry);
        item.insert(BY.to_owned(), text(token));
        let items = vec![create_in_transaction(self, item)?, add.in_transaction(self)?];
        match self.transact(items, token).await? {
            Conditional::Won(()) => Ok(Granted::Now),
            Conditional::Lost(refusals) if refusals.failed(0) => {
                Ok(if wrote(refusals.old(0), token) { Granted::Now } else { Granted::Before })
            }
            Conditional::Lost(_) => Err(CloudError::corrupt(format!("the account {account} to be granted credits"))),
        }
    }

    /// All of an account's ledger entries, for an audit.
    pub async fn load_ledger(&self, account: &AccountId) -> Result<Vec<LedgerEntry>, CloudError> {
        let items = self.query_range(&keys::account_partition(account), keys::LEDGER_PREFIX, "L$").await?;
        items.iter().map(|item| read_ledger(account, item)).collect()
    }
}

pub(super) fn read_account(item: &Item) -> Result<Account, CloudError> {
    let read = Reader::new(item, "account record");
    let credits = |name| Credits::new(read.number(name)?).ok_or_else(|| read.corrupt(name));
    Ok(Account {
        id: read.parsed("account")?,
        balance: credits("balance")?,
        held: credits("held")?,
        active: read.text_set("active")?,
        active_singles: read.text_set("activeSingles")?,
        signed_up: read.flag("signedUp")?,
    })
}

impl Account {
    pub const fn active_in(&self, set: ActiveSet) -> &BTreeSet<JobId> {
        match set {
            ActiveSet::Jobs => &self.active,
            ActiveSet::Singles => &self.active_singles,
        }
    }
}

pub(super) fn ledger_item(entry: &LedgerEntry) -> Item {
    let (kind, job, epoch, cause) = match &entry.kind {
        LedgerKind::Hold { job, epoch } => ("hold", Some(job), Some(epoch), None),
        LedgerKind::Capture { job, epoch } => ("capture", Some(job), Some(epoch), None),
        LedgerKind::Release { job, epoch } => ("release", Some(job), Some(epoch), None),
        LedgerKind::Grant { cause } => ("grant", None, None, Some(cause)),
        LedgerKind::Unknown { entry, cause_key: _ } => (entry.as_str(), None, None, None),
    };
    let attributes = Attributes::default()
        .with("entry", text(kind))
        .with_some("job", job.map(text))
        .with_some("epoch", epoch.map(|epoch| number(epoch.0)))
        .with_some("cause", cause.map(text))
        .with("balanceDelta", number(entry.balance_delta))
        .with("heldDelta", number(entry.held_delta))
        .with("at", time(entry.at));
    keys::ledger(&entry.account, &entry.kind).with(attributes.into_item())
}

fn read_ledger(account: &AccountId, item: &Item) -> Result<LedgerEntry, CloudError> {
    let read = Reader::new(item, "ledger entry");
    let of_job = || Ok::<_, CloudError>((read.parsed("job")?, toonmill_domain::Epoch(read.number("epoch")?)));
    let kind = match read.text("entry")? {
        "hold" => of_job().map(|(job, epoch)| LedgerKind::Hold { job, epoch })?,
        "capture" => of_job().map(|(job, epoch)| LedgerKind::Capture { job, epoch })?,
        "release" => of_job().map(|(job, epoch)| LedgerKind::Release { job, epoch })?,
        "grant" => LedgerKind::Grant { cause: read.text("cause")?.to_owned() },
        // What moved the credits is for people. How many is what the sums need, and is read like any other's.
        entry => {
            let cause_key = read.named("sk", |sk| sk.strip_prefix(keys::LEDGER_PREFIX).map(str::to_owned))?;
            LedgerKind::Unknown { entry: entry.to_owned(), cause_key }
        }
    };
    Ok(LedgerEntry {
        account: account.clone(),
        kind,
        balance_delta: read.number("balanceDelta")?,
        held_delta: read.number("heldDelta")?,
        at: read.time("at")?,
    })
}
