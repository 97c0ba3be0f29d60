//! Users: who signed in, and what their membership lets them do.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, UserId};

/// What a membership includes; a higher one includes the lower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tier {
    #[default]
    Free,
    Standard,
    Premium,
}

impl Tier {
    pub const ALL: [Self; 3] = [Self::Free, Self::Standard, Self::Premium];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Standard => "standard",
            Self::Premium => "premium",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == text)
    }
}

/// A tier and how long it lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    pub tier: Tier,
    /// For ever without.
    pub expires_at: Option<Timestamp>,
}

impl Membership {
    pub fn is_active(self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// What it is worth now: an expired one counts as free.
    pub fn tier_at(self, now: Timestamp) -> Tier {
        if self.is_active(now) { self.tier } else { Tier::Free }
    }
}

/// What the sign-in knows of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    pub user: UserId,
    /// Only one that the user has shown to have.
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub photo_url: Option<String>,
}

/// A user's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub sign_in: SignIn,
    pub membership: Membership,
    pub created_at: Timestamp,
    pub last_login_at: Option<Timestamp>,
    /// Whether the sign-up grant was given.
    pub was_granted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_membership_counts_as_free_from_its_end_on() {
        let end = Timestamp::from_millis(1_000);
        let membership = Membership { tier: Tier::Premium, expires_at: Some(end) };
        assert_eq!(membership.tier_at(Timestamp::from_millis(999)), Tier::Premium);
        assert_eq!(membership.tier_at(end), Tier::Free);
        let forever = Membership { tier: Tier::Standard, expires_at: None };
        assert_eq!(forever.tier_at(Timestamp::from_millis(i64::MAX)), Tier::Standard);
    }

    #[test]
    fn a_higher_tier_includes_the_lower_and_is_named_once() {
        assert!(Tier::Free < Tier::Standard && Tier::Standard < Tier::Premium);
        assert!(Tier::ALL.into_iter().all(|tier| Tier::parse(tier.as_str()) == Some(tier)));
    }
}
