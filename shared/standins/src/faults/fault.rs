//! The things that can go wrong with one call, in words that fit every provider.

use serde::{Deserialize, Serialize};

/// What happens to a call instead of a good answer. In JSON it is an object with `kind`:
/// `{"kind": "rate_limited", "retry_after_ms": 1500}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// 429. Only the quota per minute is worth waiting for.
    RateLimited {
        /// What the answer asks the client to wait; without it one to two seconds, by the seed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
        /// Which allowance is used up.
        #[serde(default)]
        quota: Quota,
    },
    /// An error answer of this HTTP status, in the provider's own shape.
    Error {
        /// 400, 401, 403, 404, 408, 409, 499, 500, 503 or 504; others get a plain shape.
        status: u16,
        /// Another message than the provider's usual one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// The error inside a one-element array, as Google's servers sometimes have it.
        #[serde(default)]
        wrapped: bool,
    },
    /// An error answer of this HTTP status with this code of the provider's, for the rows of its table of errors that no
    /// other fault is: `ModelNotOpen`, `billing_hard_limit_reached`. Gemini has it as the reason of the error.
    Coded {
        /// Any from 400 to 599; others are 500.
        status: u16,
        /// Sent as it stands.
        code: String,
    },
    /// 400 because the key is not valid.
    BadKey {},
    /// 400 because the place the call comes from is not served.
    WrongPlace {},
    /// 404 because the model has been retired.
    Retired {},
    /// 502 with a page of HTML from a proxy.
    BadGateway {},
    /// The connection is reset.
    Reset {
        /// When.
        #[serde(default)]
        cut: Cut,
    },
    /// Nothing comes for a long time, and then a 504.
    Hang {
        /// How long; without it the script's `hang_ms`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ms: Option<u64>,
    },
    /// A good answer, but late. What was asked for is done at once.
    Slow {
        /// How late.
        ms: u64,
    },
    /// 200, but the prompt was refused: `SAFETY`, `PROHIBITED_CONTENT`, `OTHER`, …
    Blocked {
        /// The provider's word for why. Any word is sent as it stands.
        reason: String,
    },
    /// 200, but the picture ended with this reason instead: `IMAGE_SAFETY`, `NO_IMAGE`, …
    Finished {
        /// The provider's word for how it ended. Any word is sent as it stands.
        reason: String,
    },
    /// 200 with words where the picture should be, and with nothing where a text should be.
    TextOnly {},
    /// 200 with something that is not a whole picture. A text is broken by it too.
    BrokenPicture {
        /// What is wrong with it.
        #[serde(default)]
        how: BrokenPicture,
    },
    /// 200 with a text that is not what was asked for.
    BrokenText {
        /// What is wrong with it.
        #[serde(default)]
        how: BrokenText,
    },
    /// 200 whose JSON breaks off.
    BrokenJson {},
    /// A good picture of another aspect ratio than the one asked for. This and the next two leave texts alone.
    WrongRatio {},
    /// A picture with nothing on it.
    Blank {},
    /// The very bytes that the first call of this prompt was answered with.
    Duplicate {},
    /// A good answer after all. As a rule it shields calls from the rules after it and from chance.
    None {},
}

/// Which allowance a 429 says is used up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quota {
    /// Calls per minute: wait and try again.
    #[default]
    PerMinute,
    /// Calls per day: no use before tomorrow.
    PerDay,
    /// Money per ten minutes.
    Spend,
    /// The prepaid balance is empty.
    Prepaid,
}

/// When a connection is reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Before the first byte of an answer.
    #[default]
    BeforeAnswer,
    /// With half of the answer sent.
    MidAnswer,
    /// Before the first byte of an answer, but with everything done that was asked for: the answer is lost.
    LostAnswer,
}

/// What is wrong with a broken picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokenPicture {
    /// The file breaks off in the middle.
    #[default]
    Truncated,
    /// The bytes are a page of text.
    NotAPicture,
    /// The data is not base64.
    BadBase64,
    /// No bytes at all.
    Empty,
    /// A whole PNG that is said to be something else.
    WrongType,
}

/// What is wrong with a broken text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokenText {
    /// It ends in the middle, and the answer says so.
    #[default]
    CutOff,
    /// Prose where data was asked for; for a text it is as good as another.
    NotJson,
    /// Data that the schema refuses.
    WrongShape,
}

impl Fault {
    /// The name under which a call with this fault is counted, such as `error_500`.
    pub fn outcome(&self) -> String {
        match self {
            Self::RateLimited { .. } => "rate_limited".into(),
            Self::Error { status, .. } => format!("error_{status}"),
            Self::Coded { code, .. } => format!("error_{code}"),
            Self::BadKey {} => "bad_key".into(),
            Self::WrongPlace {} => "wrong_place".into(),
            Self::Retired {} => "retired".into(),
            Self::BadGateway {} => "bad_gateway".into(),
            Self::Reset { .. } => "reset".into(),
            Self::Hang { .. } => "hang".into(),
            Self::Slow { .. } => "slow".into(),
            Self::Blocked { reason } => format!("blocked_{reason}"),
            Self::Finished { reason } => format!("finished_{reason}"),
            Self::TextOnly {} => "text_only".into(),
            Self::BrokenPicture { .. } => "broken_picture".into(),
            Self::BrokenText { .. } => "broken_text".into(),
            Self::BrokenJson {} => "broken_json".into(),
            Self::WrongRatio {} => "wrong_ratio".into(),
            Self::Blank {} => "blank".into(),
            Self::Duplicate {} => "duplicate".into(),
            Self::None {} => "picture".into(),
        }
    }

    /// The six kinds of failure that happen to anybody, in an order in which any six neighbours
    /// are of six kinds. Refusals are never among them: they are scripted by prompt.
    pub fn everyday() -> Vec<Self> {
        let rate_limited = Self::RateLimited { retry_after_ms: None, quota: Quota::PerMinute };
        let error = |status| Self::Error { status, message: None, wrapped: false };
        vec![
            rate_limited.clone(),
            error(500),
            Self::Reset { cut: Cut::BeforeAnswer },
            Self::Hang { ms: None },
            Self::TextOnly {},
            Self::BrokenPicture { how: BrokenPicture::Truncated },
            rate_limited,
            error(500),
            Self::Reset { cut: Cut::MidAnswer },
            Self::Hang { ms: None },
            Self::Finished { reason: "NO_IMAGE".into() },
            Self::BrokenPicture { how: BrokenPicture::NotAPicture },
        ]
    }
}
