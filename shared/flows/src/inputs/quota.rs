//! What an account may upload at once: uploads whose time is over do not stand in the way of new ones, though the cleanup may be
//! hours away.

use toonmill_cloud::{
    CloudError,
    table::{File, QuotaExceeded, RowPlace},
};
use toonmill_domain::{AccountId, FileId};
use uuid::Uuid;

use super::{Inputs, TEMPORARY_LIFETIME};
use crate::cleanup::remove_expired;

/// Files that are looked at for one that could go: the latest of those that may be over. Older ones the cleanup has had.
const LOOKED_AT: i32 = 50;

impl Inputs {
    /// Writes a new upload's record, and counts it.
    pub(super) async fn create(&self, file: &File) -> Result<Result<(), QuotaExceeded>, CloudError> {
        let created = self.table.create_upload(file, self.quota).await?;
        if created.is_ok() || !self.make_room(&file.account).await? {
            return Ok(created);
        }
        self.table.create_upload(file, self.quota).await
    }

    /// Removes uploads of this account that came with a request of which no job came: they count no longer.
    pub async fn take_back(&self, account: &AccountId, uploads: &[FileId]) -> Result<(), CloudError> {
        for id in uploads {
            let Some(file) = self.table.load_file(*id, account).await? else { continue };
            if self.table.begin_deleting_own(&file, self.clock.now()).await? {
                self.blobs.delete(std::slice::from_ref(&file.object_key)).await?;
                self.table.delete_file(&file).await?;
            }
        }
        Ok(())
    }

    /// Removes uploads of this account whose time is over, as the cleanup would. False if there is none.
    async fn make_room(&self, account: &AccountId) -> Result<bool, CloudError> {
        let now = self.clock.now();
        let before = RowPlace { at: now.minus(TEMPORARY_LIFETIME), file: FileId::new(Uuid::max()) };
        let places = self.table.list_files(account, Some(before), LOOKED_AT).await?;
        let ids: Vec<_> = places.iter().map(|place| place.file).collect();
        let is_over = |file: &File| file.counted_bytes.is_some() && file.expires_at.is_some_and(|at| at < now);
        let mut made_room = false;
        for file in self.table.load_files(&ids).await?.into_iter().filter(is_over) {
            made_room |= remove_expired(&self.table, &self.blobs, file.id, now).await?;
        }
        Ok(made_room)
    }
}
