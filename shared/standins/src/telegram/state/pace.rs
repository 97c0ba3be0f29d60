//! How fast a bot may talk.

use std::{collections::HashMap, time::Duration};

use super::super::limits::RateLimits;
use crate::faults::Limit;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// What a bot has sent lately.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    overall: Option<Limit>,
    chats: HashMap<i64, Limit>,
}

impl Pace {
    /// Lets so many messages through, or says how long to wait. A call that is turned away counts for nothing.
    pub(crate) fn pass(
        &mut self,
        limits: RateLimits,
        (chat, is_private): (i64, bool),
        messages: usize,
        now: Duration,
    ) -> Result<(), Duration> {
        let size = |calls: u32| usize::try_from(calls).unwrap_or(usize::MAX);
        let overall = self.overall.get_or_insert_with(|| Limit::within(SECOND, size(limits.overall_per_second)));
        let chat = self.chats.entry(chat).or_insert_with(|| {
            if is_private {
                Limit::within(SECOND, size(limits.private_per_second))
            } else {
                Limit::within(MINUTE, size(limits.group_per_minute))
            }
        });
        let wait = overall.wait(now).max(chat.wait(now));
        if !wait.is_zero() {
            return Err(wait);
        }
        // An album passes as one, and what comes after it waits for all of it.
        for _ in 0..messages {
            overall.count(now);
            chat.count(now);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_a_group_and_the_whole_bot_have_their_own_pace() {
        let (mut pace, limits) = (Pace::default(), RateLimits::default());
        let mut send = |chat, messages, ms| {
            let wait = pace.pass(limits, (chat, chat > 0), messages, Duration::from_millis(ms));
            wait.map_err(|wait| wait.as_millis())
        };
        assert_eq!(send(1, 1, 0), Ok(()));
        assert_eq!(send(1, 1, 400), Err(600));
        assert_eq!(send(1, 1, 1000), Ok(()), "what was turned away does not count");
        assert_eq!(send(-1, 10, 2000), Ok(()));
        assert_eq!(send(-1, 10, 3000), Ok(()));
        assert_eq!(send(-1, 1, 4000), Err(58_000));
        for chat in 10..40 {
            assert_eq!(send(chat, 1, 10_000), Ok(()));
        }
        assert_eq!(send(40, 1, 10_500), Err(500));
    }
}
