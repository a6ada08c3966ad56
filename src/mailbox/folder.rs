//! Folders: which there are, which of them plays which part, and where each stands. No I/O.
use super::{MailboxError, utf7};
use crate::model::{FolderRole, account::FolderNames, text::clean};

/// One folder as the daemon names it; the server's spelling stays inside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Folder {
    /// The name as the owner sees it, UTF-8.
    pub name: String,
    /// The part it plays.
    pub role: FolderRole,
    /// IMAP: modified UTF-7. Maildir: the directory below the root, empty for INBOX.
    pub(super) wire: String,
}

impl Folder {
    /// A folder whose name the server spells the same way: for rehearsals with a mailbox in memory.
    #[must_use]
    pub fn new(name: &str, role: FolderRole) -> Self {
        Self { name: name.to_owned(), role, wire: name.to_owned() }
    }
}

/// The folders that matter.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Folders {
    /// Folders in which clients' mail arrives, at least one.
    pub inboxes: Vec<Folder>,
    /// The owner's sent mail.
    pub sent: Option<Folder>,
    /// Drafts.
    pub drafts: Option<Folder>,
    /// Junk.
    pub junk: Option<Folder>,
    /// What the owner deleted; looked into only for drafts.
    pub trash: Option<Folder>,
    /// Where messages go whose wish was carried out, if the configuration names it.
    pub filed: Option<Folder>,
    /// The names of all folders, UTF-8, for messages to the owner.
    pub all: Vec<String>,
}

/// Where a folder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Status {
    /// Changes when the server numbers the folder anew (RFC 3501 2.3.1.1).
    pub uidvalidity: u32,
    /// The number that the next message will have at least; some servers keep it to themselves.
    pub uid_next: Option<u32>,
    /// Messages in the folder.
    pub exists: u32,
}

/// A folder below a root, with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its names below the root, outermost first.
    pub path: Vec<String>,
    /// The folder.
    pub folder: Folder,
    /// Where it stands.
    pub status: Status,
}

/// A folder as it was listed.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) wire: String,
    pub(super) name: String,
    pub(super) delimiter: Option<char>,
    /// By SPECIAL-USE (RFC 6154).
    pub(super) special: Option<FolderRole>,
}

impl Found {
    /// The names below `root`, which stands at the top or just below INBOX; `None` for the root itself and all others.
    pub(super) fn below(&self, root: &str) -> Option<Vec<String>> {
        let delimiter = self.delimiter?;
        let mut parts: Vec<&str> = self.name.split(delimiter).collect();
        if parts.first().is_some_and(|first| first.eq_ignore_ascii_case("INBOX")) {
            parts.remove(0);
        }
        let (first, rest) = parts.split_first()?;
        let fits = first.eq_ignore_ascii_case(root) && !rest.is_empty();
        fits.then(|| rest.iter().map(|part| (*part).to_owned()).collect())
    }

    /// The last part of the name, lower case, when it stands at the top or just below INBOX or a `[Gmail]`.
    fn leaf(&self) -> Option<String> {
        let lower = self.name.to_lowercase();
        let mut parts: Vec<&str> = match self.delimiter {
            Some(delimiter) => lower.split(delimiter).collect(),
            None => vec![&lower],
        };
        let leaf = parts.pop()?.trim().to_owned();
        let shallow = match parts.as_slice() {
            [] => true,
            [parent] => *parent == "inbox" || parent.starts_with('['),
            _ => false,
        };
        shallow.then_some(leaf)
    }
}

/// Names of Sent in the order of preference, lower case (rule 94).
const SENT: &[&str] = &[
    "sent",
    "sent items",
    "sent messages",
    "sent mail",
    "sent-mail",
    "sent_mail",
    "outbox.sent",
    "envoyés",
    "éléments envoyés",
    "messages envoyés",
    "envoyes",
    "courrier envoyé",
    "objets envoyés",
    "courriers envoyés",
    "gesendet",
    "gesendete elemente",
    "gesendete objekte",
    "gesendete nachrichten",
    "enviados",
    "elementos enviados",
    "mensajes enviados",
    "correo enviado",
    "enviadas",
    "itens enviados",
    "mensagens enviadas",
    "e-mails enviados",
    "elements enviats",
    "enviats",
    "inviata",
    "posta inviata",
    "inviati",
    "elementi inviati",
    "messaggi inviati",
    "verzonden",
    "verzonden items",
    "verzonden berichten",
    "verzonden objecten",
    "skickat",
    "skickade",
    "skickat mejl",
    "skickade objekt",
    "sendt",
    "sendte elementer",
    "sendt post",
    "sendte",
    "lähetetyt",
    "lähetetyt viestit",
    "wysłane",
    "elementy wysłane",
    "odeslané",
    "odeslaná pošta",
    "odoslané",
    "odoslaná pošta",
    "elküldött",
    "elküldött elemek",
    "trimise",
    "elemente trimise",
    "poslano",
    "poslato",
    "изпратени",
    "išsiųsta",
    "nosūtītie",
    "saadetud",
    "отправленные",
    "исходящие",
    "надіслані",
    "відправлені",
    "απεσταλμένα",
    "gönderilmiş öğeler",
    "gönderilenler",
    "gönderilmiş postalar",
    "已发送",
    "已发送邮件",
    "已傳送",
    "寄件備份",
    "送信済み",
    "送信済みメール",
    "送信済みアイテム",
    "보낸 편지함",
    "보낸편지함",
    "ส่งแล้ว",
    "terkirim",
    "đã gửi",
    "thư đã gửi",
    "פריטים שנשלחו",
    "דואר שנשלח",
    "المرسلة",
    "البريد المرسل",
    "العناصر المرسلة",
];

/// Names of Drafts.
const DRAFTS: &[&str] = &[
    "drafts",
    "draft",
    "draft messages",
    "brouillons",
    "brouillon",
    "entwürfe",
    "entwurf",
    "borradores",
    "borrador",
    "rascunhos",
    "esborranys",
    "bozze",
    "concepten",
    "utkast",
    "kladder",
    "kladde",
    "luonnokset",
    "kopie robocze",
    "szkice",
    "wersje robocze",
    "koncepty",
    "rozepsané",
    "piszkozatok",
    "ciorne",
    "schițe",
    "osnutki",
    "skice",
    "чернови",
    "juodraščiai",
    "melnraksti",
    "mustandid",
    "черновики",
    "чернетки",
    "πρόχειρα",
    "taslaklar",
    "草稿",
    "草稿箱",
    "草稿匣",
    "下書き",
    "임시 보관함",
    "임시보관함",
    "แบบร่าง",
    "draf",
    "thư nháp",
    "bản nháp",
    "טיוטות",
    "المسودات",
    "مسودات",
];

/// Names of Junk.
const JUNK: &[&str] = &[
    "junk",
    "spam",
    "junk e-mail",
    "junk email",
    "junk mail",
    "bulk mail",
    "bulk",
    "indésirables",
    "courrier indésirable",
    "pourriel",
    "spam-verdacht",
    "junk-e-mail",
    "unerwünscht",
    "unerwünschte werbung",
    "correo no deseado",
    "no deseado",
    "correo basura",
    "lixo eletrônico",
    "lixo eletrónico",
    "lixo electrónico",
    "posta indesiderata",
    "ongewenst",
    "ongewenste e-mail",
    "ongewenste reclame",
    "skräppost",
    "søppelpost",
    "uønsket e-mail",
    "roskaposti",
    "wiadomości-śmieci",
    "nevyžádaná pošta",
    "nevyžiadaná pošta",
    "levélszemét",
    "нежелательная почта",
    "спам",
    "ανεπιθύμητα",
    "önemsiz",
    "önemsiz e-posta",
    "gereksiz",
    "垃圾邮件",
    "垃圾郵件",
    "迷惑メール",
    "스팸",
    "정크 메일",
    "thư rác",
];

/// Names of the folder of deleted mails.
const TRASH: &[&str] = &[
    "trash",
    "deleted items",
    "deleted messages",
    "deleted",
    "bin",
    "wastebasket",
    "corbeille",
    "éléments supprimés",
    "messages supprimés",
    "poubelle",
    "papierkorb",
    "gelöschte elemente",
    "gelöschte objekte",
    "gelöscht",
    "papelera",
    "elementos eliminados",
    "eliminados",
    "lixo",
    "lixeira",
    "itens excluídos",
    "itens eliminados",
    "paperera",
    "cestino",
    "posta eliminata",
    "elementi eliminati",
    "prullenbak",
    "prullenmand",
    "verwijderde items",
    "papperskorgen",
    "borttaget",
    "papirkurv",
    "søppel",
    "slettede elementer",
    "roskakori",
    "poistetut",
    "kosz",
    "elementy usunięte",
    "koš",
    "odstraněná pošta",
    "kôš",
    "kuka",
    "törölt elemek",
    "coș de gunoi",
    "elemente șterse",
    "smeće",
    "кошче",
    "šiukšliadėžė",
    "miskaste",
    "prügikast",
    "корзина",
    "удаленные",
    "удалённые",
    "кошик",
    "κάδος",
    "çöp kutusu",
    "silinmiş öğeler",
    "已删除",
    "已删除邮件",
    "废件箱",
    "刪除的郵件",
    "垃圾桶",
    "ゴミ箱",
    "削除済みアイテム",
    "휴지통",
    "지운 편지함",
    "ถังขยะ",
    "sampah",
    "thùng rác",
    "אשפה",
    "פריטים שנמחקו",
    "المهملات",
    "العناصر المحذوفة",
];

fn usual_names(role: FolderRole) -> &'static [&'static str] {
    match role {
        FolderRole::Sent => SENT,
        FolderRole::Drafts => DRAFTS,
        FolderRole::Junk => JUNK,
        FolderRole::Trash => TRASH,
        FolderRole::Inbox => &[],
    }
}

/// Whether a folder of this name holds drafts or junk, which are no exchanges.
pub(super) fn holds_no_exchanges(name: &str) -> bool {
    let lower = name.to_lowercase();
    let leaf = lower.rsplit(['.', '/']).next().unwrap_or_default().trim();
    [DRAFTS, JUNK].iter().any(|names| names.contains(&leaf))
}

/// Who plays which part: the configuration wins, then SPECIAL-USE, then the usual names (rule 94).
///
/// # Errors
/// `NoFolder` for a configured name that was not listed.
pub(super) fn cast(found: &[Found], names: &FolderNames) -> Result<Folders, MailboxError> {
    let inboxes =
        names.inboxes.iter().map(|name| configured(found, name, FolderRole::Inbox)).collect::<Result<_, _>>()?;
    let part = |role, name: &Option<String>| match name {
        Some(name) => configured(found, name, role).map(Some),
        None => Ok(special(found, role).or_else(|| usual(found, role)).map(|one| folder(one, role))),
    };
    Ok(Folders {
        inboxes,
        sent: part(FolderRole::Sent, &names.sent)?,
        drafts: part(FolderRole::Drafts, &names.drafts)?,
        junk: part(FolderRole::Junk, &names.junk)?,
        trash: part(FolderRole::Trash, &None)?,
        filed: match &names.filed {
            Some(name) => Some(configured(found, name, FolderRole::Inbox)?),
            None => None,
        },
        all: found.iter().map(|one| one.name.clone()).collect(),
    })
}

fn folder(found: &Found, role: FolderRole) -> Folder {
    Folder { name: found.name.clone(), role, wire: found.wire.clone() }
}

/// The folder with a configured name: as listed, else regardless of case, else as the server spells it.
fn configured(found: &[Found], name: &str, role: FolderRole) -> Result<Folder, MailboxError> {
    let lower = name.to_lowercase();
    let by = |test: &dyn Fn(&Found) -> bool| found.iter().find(|one| test(one)).map(|one| folder(one, role));
    if let Some(folder) = by(&|one| one.name == name)
        .or_else(|| by(&|one| one.name.to_lowercase() == lower))
        .or_else(|| by(&|one| one.wire == name || one.wire == utf7::encode(name)))
    {
        return Ok(folder);
    }
    if lower == "inbox" {
        return Ok(Folder { name: "INBOX".to_owned(), role, wire: "INBOX".to_owned() });
    }
    let have: Vec<&str> = found.iter().take(40).map(|one| one.name.as_str()).collect();
    Err(MailboxError::NoFolder { name: clean(name, 100), have: clean(&have.join(", "), 400) })
}

/// The shallowest folder that the server itself gives this part.
fn special(found: &[Found], role: FolderRole) -> Option<&Found> {
    let depth = |one: &Found| one.delimiter.map_or(0, |delimiter| one.name.matches(delimiter).count());
    found.iter().filter(|one| one.special == Some(role)).min_by_key(|one| depth(one))
}

/// The folder with the most usual name for this part, unless the server gave it another.
fn usual(found: &[Found], role: FolderRole) -> Option<&Found> {
    let rank = |one: &Found| {
        let leaf = one.leaf()?;
        usual_names(role).iter().position(|name| *name == leaf)
    };
    found
        .iter()
        .filter(|one| one.special.is_none())
        .filter_map(|one| Some((rank(one)?, one)))
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, one)| one)
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
