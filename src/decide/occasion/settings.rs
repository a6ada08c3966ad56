//! The owner's choices about drafts: the `[drafts]` table. Always valid; made by `config`.
use super::MeetingSettings;
use crate::model::DraftKind;
use chrono::TimeDelta;

/// When drafts are made by themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftSettings {
    /// Kinds that are made only when asked for. Default none.
    pub off: Vec<DraftKind>,
    /// After how many of the client's working days without an answer the owner's question is followed up. Default 3, 7, 14.
    pub follow_up: Vec<u32>,
    /// After how long a silence on a live project one checks in. Default 30 days.
    pub check_in: TimeDelta,
    /// How long before a trip or a closure the client hears of it. Default 10 days.
    pub before_absence: TimeDelta,
    /// The shortest closure worth a mail, in days on which there would have been windows. Default 3.
    pub closure_days: u32,
    /// Days before (negative) and after the due date of an invoice. Default -3, 0, 7, 14.
    pub payment: Vec<i32>,
    /// Whether a recap of the last month is made. Default no.
    pub recap: bool,
    /// Whether drafts may open with a human line. Default yes.
    pub opening: bool,
    /// Meetings: the `[meetings]` table.
    pub meetings: MeetingSettings,
    /// Projects that the configuration names and that cannot be understood. Default none.
    pub unclear: Vec<Unclear>,
}

/// A project with faults: drafts about it, and for its client, rest until they are mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclear {
    /// The project's key, or the file that cannot be read.
    pub project: String,
    /// Its client, if that much is known.
    pub client: Option<String>,
}

impl DraftSettings {
    /// Whether drafts about this rest.
    #[must_use]
    pub fn rests(&self, client: &str, project: Option<&str>) -> bool {
        self.unclear.iter().any(|it| it.client.as_deref() == Some(client) || project == Some(it.project.as_str()))
    }
}

impl Default for DraftSettings {
    fn default() -> Self {
        Self {
            off: Vec::new(),
            follow_up: vec![3, 7, 14],
            check_in: TimeDelta::days(30),
            before_absence: TimeDelta::days(10),
            closure_days: 3,
            payment: vec![-3, 0, 7, 14],
            recap: false,
            opening: true,
            meetings: MeetingSettings::default(),
            unclear: Vec::new(),
        }
    }
}
