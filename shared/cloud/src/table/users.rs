//! Users: what the sign-in knows of them, and their membership.

use toonmill_domain::{Membership, SignIn, Tier, Timestamp, User, UserId};

use super::{Table, keys};
use crate::{
    Conditional,
    error::CloudError,
    expression::{Change, values},
    item::{Item, Reader, flag, text, time},
};

/// Of a record that may or may not be there yet: what a user was called last is right, whoever comes first.
const ANY: &str = "attribute_exists(#pk) OR attribute_not_exists(#pk)";

impl Table {
    pub async fn load_user(&self, user: &UserId) -> Result<Option<User>, CloudError> {
        self.get(keys::user(user)).await?.as_ref().map(read_user).transpose()
    }

    /// Makes or updates the record of a user who has just signed in.
    pub async fn sign_in(&self, sign_in: &SignIn, now: Timestamp) -> Result<User, CloudError> {
        let mut set = vec![
            "#user = :user".to_owned(),
            "#lastLoginAt = :now".to_owned(),
            "#createdAt = if_not_exists(#createdAt, :now)".to_owned(),
            "#tier = if_not_exists(#tier, :free)".to_owned(),
        ];
        let mut remove = Vec::new();
        let mut values =
            values([("user", text(&sign_in.user)), ("now", time(now)), ("free", text(Tier::Free.as_str()))]);
        let told = [
            ("email", &sign_in.email),
            ("firstName", &sign_in.first_name),
            ("lastName", &sign_in.last_name),
            ("photoUrl", &sign_in.photo_url),
        ];
        for (name, value) in told {
            if let Some(value) = value {
                set.push(format!("#{name} = :{name}"));
                values.insert(format!(":{name}"), text(value));
            } else {
                remove.push(format!("#{name}"));
            }
        }
        let remove = if remove.is_empty() { String::new() } else { format!(" REMOVE {}", remove.join(", ")) };
        let update = format!("SET {}{remove}", set.join(", "));
        let change = Change { key: keys::user(&sign_in.user), update: &update, condition: ANY, values };
        match change.apply(self).await? {
            Conditional::Won(item) => read_user(&item),
            Conditional::Lost(_) => Err(CloudError::corrupt("a condition that always holds")),
        }
    }

    /// Notes that the sign-up grant was given, so that it need not be tried again.
    pub async fn note_signup_grant(&self, user: &UserId) -> Result<(), CloudError> {
        let note = Change {
            key: keys::user(user),
            update: "SET #wasGranted = :yes",
            condition: "attribute_exists(#pk)",
            values: values([("yes", flag(true))]),
        };
        note.apply(self).await.map(|_| ())
    }

    /// Gives a user a membership, signed in before or not.
    pub async fn set_membership(
        &self,
        user: &UserId,
        membership: Membership,
        now: Timestamp,
    ) -> Result<User, CloudError> {
        let mut values = values([("user", text(user)), ("now", time(now)), ("tier", text(membership.tier.as_str()))]);
        let end = if let Some(end) = membership.expires_at {
            values.insert(":end".to_owned(), time(end));
            ", #tierUntil = :end"
        } else {
            " REMOVE #tierUntil"
        };
        let update = format!("SET #user = :user, #createdAt = if_not_exists(#createdAt, :now), #tier = :tier{end}");
        let change = Change { key: keys::user(user), update: &update, condition: ANY, values };
        match change.apply(self).await? {
            Conditional::Won(item) => read_user(&item),
            Conditional::Lost(_) => Err(CloudError::corrupt("a condition that always holds")),
        }
    }
}

fn read_user(item: &Item) -> Result<User, CloudError> {
    let read = Reader::new(item, "user record");
    let told = |name| Ok::<_, CloudError>(read.opt_text(name)?.map(str::to_owned));
    Ok(User {
        sign_in: SignIn {
            user: read.parsed("user")?,
            email: told("email")?,
            first_name: told("firstName")?,
            last_name: told("lastName")?,
            photo_url: told("photoUrl")?,
        },
        // A tier of a newer version is worth no more here than the first. The record keeps it.
        membership: Membership {
            tier: Tier::parse(read.text("tier")?).unwrap_or_default(),
            expires_at: read.opt_time("tierUntil")?,
        },
        created_at: read.time("createdAt")?,
        last_login_at: read.opt_time("lastLoginAt")?,
        was_granted: read.flag("wasGranted")?,
    })
}
