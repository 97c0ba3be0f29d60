//! The image providers of the template: the real ones by their keys, or the stand-ins of all of them.

/// Whom a picture may be asked from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Provider {
    Gemini,
    Seedream,
    OpenAi,
}

/// A real provider's key.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) provider: Provider,
    pub(crate) text: String,
}

impl Provider {
    pub(crate) const ALL: [Self; 3] = [Self::Gemini, Self::Seedream, Self::OpenAi];

    /// As the API spells it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::Seedream => "seedream",
            Self::OpenAi => "openai",
        }
    }

    /// What its parameters in the template begin with.
    pub(crate) const fn parameter(self) -> &'static str {
        match self {
            Self::Gemini => "Gemini",
            Self::Seedream => "Seedream",
            Self::OpenAi => "OpenAi",
        }
    }

    /// Where it answers at a stand-in's address, as far as its own SDK is told.
    pub(crate) fn at(self, standins: &str) -> String {
        let path = match self {
            Self::Gemini => "",
            Self::Seedream => "/api/v3",
            Self::OpenAi => "/v1",
        };
        format!("{standins}{path}")
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.provider.name())
    }
}
