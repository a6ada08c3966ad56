//! The languages in which fuseau writes.

/// A shipped language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English
    En,
    /// French
    Fr,
    /// German
    De,
    /// Spanish
    Es,
    /// Italian
    It,
    /// Portuguese
    Pt,
    /// Dutch
    Nl,
    /// Japanese
    Ja,
    /// Chinese
    Zh,
    /// Arabic
    Ar,
}

impl Language {
    /// Every shipped language, in the order of PRODUCT.md.
    pub const ALL: [Self; 10] =
        [Self::En, Self::Fr, Self::De, Self::Es, Self::It, Self::Pt, Self::Nl, Self::Ja, Self::Zh, Self::Ar];

    /// The ISO 639-1 code, which is also the template folder's name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::De => "de",
            Self::Es => "es",
            Self::It => "it",
            Self::Pt => "pt",
            Self::Nl => "nl",
            Self::Ja => "ja",
            Self::Zh => "zh",
            Self::Ar => "ar",
        }
    }

    /// The language of a code; a region is accepted and dropped (`pt-BR` is `pt`).
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let base = code.split(['-', '_']).next().unwrap_or(code).to_ascii_lowercase();
        Self::ALL.into_iter().find(|l| l.code() == base)
    }
}
