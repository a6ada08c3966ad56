//! What of a message is kept in the history.

/// How much of a message is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Form {
    /// The bytes as they came.
    #[default]
    Raw,
    /// Header fields and text.
    Text,
    /// Header fields alone.
    Headers,
}

/// What of a message is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Keep {
    /// How much of it.
    pub form: Form,
    /// Attachments too; else they are listed with name, type, size and hash.
    pub attachments: bool,
}

impl Keep {
    /// Everything.
    pub const ALL: Self = Self { form: Form::Raw, attachments: true };
}
