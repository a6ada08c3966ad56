//! The words of a dossier that a client is handed, in their language. Pure; never here: layout.
use crate::model::Language;

/// What a dossier says beside what was said.
#[derive(Clone, Copy, Debug)]
pub struct DossierWords {
    /// Above everything; the client's name follows.
    pub title: &'static str,
    /// Behind it the owner's name.
    pub from: &'static str,
    /// A mail of the client's.
    pub received: &'static str,
    /// A mail that the owner wrote.
    pub sent: &'static str,
    /// A mail that went out by itself.
    pub automatic: &'static str,
    /// A note of the owner's, in dossiers for the owner.
    pub note: &'static str,
    /// The two sides met, likewise.
    pub met: &'static str,
    /// Before a promised time.
    pub promised: &'static str,
    /// A promise was kept.
    pub kept: &'static str,
    /// It was kept too late, or not.
    pub missed: &'static str,
    /// It is not over yet.
    pub open: &'static str,
    /// Below a text of which only the beginning is there.
    pub goes_on: &'static str,
    /// Before names of files, with what stands between.
    pub attachments: &'static str,
    /// Before the name of a zone, likewise.
    pub times: &'static str,
    /// Instead of an empty subject.
    pub no_subject: &'static str,
    /// Above the list of hashes.
    pub proof: &'static str,
    /// How the list is checked.
    pub how: &'static str,
}

/// The words in a language.
#[must_use]
pub fn dossier_words(language: Language) -> &'static DossierWords {
    match language {
        Language::En => &EN,
        Language::Fr => &FR,
        Language::De => &DE,
        Language::Es => &ES,
        Language::It => &IT,
        Language::Pt => &PT,
        Language::Nl => &NL,
        Language::Ja => &JA,
        Language::Zh => &ZH,
        Language::Ar => &AR,
    }
}

static EN: DossierWords = DossierWords {
    title: "Our correspondence",
    from: "kept by",
    received: "From you",
    sent: "From me",
    automatic: "Automatic note",
    note: "Own note",
    met: "Meeting",
    promised: "Answer promised by",
    kept: "kept",
    missed: "not kept in time",
    open: "still open",
    goes_on: "The text goes on; only its beginning stands here.",
    attachments: "Attachments: ",
    times: "All times: ",
    no_subject: "(no subject)",
    proof: "How to check this file",
    how: "Each entry has a SHA-256 hash. The head is made from them in the order of their numbers: start with 32 zero bytes; \
          for each entry take the SHA-256 of what you have and of the entry's hash, both as bytes. A later file with the same \
          entries leads to the same head.",
};
static FR: DossierWords = DossierWords {
    title: "Nos échanges",
    from: "conservés par",
    received: "De vous",
    sent: "De ma part",
    automatic: "Mot automatique",
    note: "Note personnelle",
    met: "Rencontre",
    promised: "Réponse promise au plus tard",
    kept: "tenu",
    missed: "non tenu à temps",
    open: "en cours",
    goes_on: "Le texte continue ; seul son début figure ici.",
    attachments: "Pièces jointes\u{a0}: ",
    times: "Toutes les heures\u{a0}: ",
    no_subject: "(sans objet)",
    proof: "Comment vérifier ce fichier",
    how: "Chaque message a une empreinte SHA-256. La tête s'en déduit dans l'ordre des numéros : partez de 32 octets nuls ; pour \
          chaque message, calculez le SHA-256 de la valeur obtenue suivie de l'empreinte, en octets. Un fichier ultérieur avec les \
          mêmes messages mène à la même tête.",
};
static DE: DossierWords = DossierWords {
    title: "Unser Schriftwechsel",
    from: "geführt von",
    received: "Von Ihrer Seite",
    sent: "Von meiner Seite",
    automatic: "Automatische Nachricht",
    note: "Eigene Notiz",
    met: "Treffen",
    promised: "Antwort zugesagt bis",
    kept: "eingehalten",
    missed: "nicht rechtzeitig",
    open: "noch offen",
    goes_on: "Der Text geht weiter; hier steht nur sein Anfang.",
    attachments: "Anhänge: ",
    times: "Alle Zeiten: ",
    no_subject: "(ohne Betreff)",
    proof: "So lässt sich diese Datei prüfen",
    how: "Jeder Eintrag hat einen SHA-256-Wert. Der Kopf ergibt sich daraus in der Reihenfolge der Nummern: mit 32 Null-Bytes \
          beginnen; bei jedem Eintrag den SHA-256-Wert aus dem bisherigen Ergebnis und dem Wert des Eintrags bilden, beide als \
          Bytes. Eine spätere Datei mit denselben Einträgen führt zum selben Kopf.",
};
static ES: DossierWords = DossierWords {
    title: "Nuestra correspondencia",
    from: "mantida por",
    received: "De su parte",
    sent: "De mi parte",
    automatic: "Nota automática",
    note: "Nota propia",
    met: "Encuentro",
    promised: "Respuesta prometida a más tardar",
    kept: "cumplida",
    missed: "no cumplida a tiempo",
    open: "pendiente",
    goes_on: "El texto continúa; aquí solo figura el comienzo.",
    attachments: "Adjuntos: ",
    times: "Todas las horas: ",
    no_subject: "(sin asunto)",
    proof: "Cómo comprobar este archivo",
    how: "Cada mensaje tiene un hash SHA-256. La cabeza se obtiene con ellos en el orden de sus números: se parte de 32 bytes nulos; \
          con cada mensaje se calcula el SHA-256 del resultado anterior seguido de su hash, ambos como bytes. Un archivo posterior \
          con los mismos mensajes lleva a la misma cabeza.",
};
static IT: DossierWords = DossierWords {
    title: "La nostra corrispondenza",
    from: "conservata da",
    received: "Da parte Sua",
    sent: "Da parte mia",
    automatic: "Nota automatica",
    note: "Nota personale",
    met: "Incontro",
    promised: "Risposta promessa entro",
    kept: "mantenuta",
    missed: "non mantenuta in tempo",
    open: "ancora aperta",
    goes_on: "Il testo continua; qui ne compare solo l’inizio.",
    attachments: "Allegati: ",
    times: "Tutti gli orari: ",
    no_subject: "(senza oggetto)",
    proof: "Come verificare questo file",
    how: "Ogni messaggio ha un'impronta SHA-256. La testa se ne ricava nell'ordine dei numeri: si parte da 32 byte nulli; per ogni \
          messaggio si calcola lo SHA-256 del valore ottenuto seguito dall'impronta, entrambi come byte. Un file successivo con gli \
          stessi messaggi porta alla stessa testa.",
};
static PT: DossierWords = DossierWords {
    title: "Nossa correspondência",
    from: "mantida por",
    received: "Da sua parte",
    sent: "Da minha parte",
    automatic: "Nota automática",
    note: "Nota pessoal",
    met: "Encontro",
    promised: "Resposta prometida até",
    kept: "cumprida",
    missed: "não cumprida a tempo",
    open: "em aberto",
    goes_on: "O texto continua; aqui está só o começo.",
    attachments: "Anexos: ",
    times: "Todas as horas: ",
    no_subject: "(sem assunto)",
    proof: "Como verificar este arquivo",
    how: "Cada mensagem tem um hash SHA-256. A cabeça é obtida deles na ordem dos números: começa-se com 32 bytes nulos; a cada \
          mensagem calcula-se o SHA-256 do valor anterior seguido do hash dela, ambos em bytes. Um arquivo posterior com as mesmas \
          mensagens leva à mesma cabeça.",
};
static NL: DossierWords = DossierWords {
    title: "Onze correspondentie",
    from: "bewaard door",
    received: "Van uw kant",
    sent: "Van mijn kant",
    automatic: "Automatisch bericht",
    note: "Eigen notitie",
    met: "Ontmoeting",
    promised: "Antwoord toegezegd uiterlijk",
    kept: "nagekomen",
    missed: "niet op tijd",
    open: "nog open",
    goes_on: "De tekst gaat verder; hier staat alleen het begin.",
    attachments: "Bijlagen: ",
    times: "Alle tijden: ",
    no_subject: "(geen onderwerp)",
    proof: "Hoe u dit bestand controleert",
    how: "Elk bericht heeft een SHA-256-hash. De kop volgt daaruit in de volgorde van de nummers: begin met 32 nulbytes; neem bij elk \
          bericht de SHA-256 van wat u hebt, gevolgd door de hash van het bericht, beide als bytes. Een later bestand met dezelfde \
          berichten leidt tot dezelfde kop.",
};
static JA: DossierWords = DossierWords {
    title: "やり取りの記録",
    from: "記録者",
    received: "お客様より",
    sent: "こちらより",
    automatic: "自動のお知らせ",
    note: "自分用のメモ",
    met: "面会",
    promised: "お返事のお約束",
    kept: "お約束どおり",
    missed: "期限に遅れました",
    open: "お返事前",
    goes_on: "本文には続きがあります。ここにあるのは冒頭だけです。",
    attachments: "添付ファイル：",
    times: "時刻の時間帯：",
    no_subject: "（件名なし）",
    proof: "このファイルの確かめ方",
    how: "各メールには SHA-256 のハッシュがあります。先頭の値は番号順に求めます。32 バイトのゼロから始め、メールごとに、直前の値とそのメールの\
          ハッシュをバイト列としてつなげ、その SHA-256 を取ります。同じメールを含む後日のファイルからも同じ値が得られます。",
};
static ZH: DossierWords = DossierWords {
    title: "往来邮件记录",
    from: "记录人",
    received: "您的来信",
    sent: "我的回信",
    automatic: "自动通知",
    note: "个人备注",
    met: "会面",
    promised: "承诺答复时间",
    kept: "已按时答复",
    missed: "未能按时",
    open: "尚待答复",
    goes_on: "正文未完，此处只有开头部分。",
    attachments: "附件：",
    times: "所有时间均为 ",
    no_subject: "（无主题）",
    proof: "如何核对本文件",
    how: "每封邮件都有一个 SHA-256 值。链首值按编号顺序得出：从 32 个零字节开始，对每封邮件，将当前值与该邮件的值按字节相接，再取 SHA-256。\
          日后包含同样邮件的文件会得出同一个值。",
};
static AR: DossierWords = DossierWords {
    title: "مراسلاتنا",
    from: "يحفظها",
    received: "منكم",
    sent: "مني",
    automatic: "رسالة تلقائية",
    note: "ملاحظة خاصة",
    met: "لقاء",
    promised: "موعد الرد الموعود",
    kept: "تم الوفاء به",
    missed: "لم يتم في موعده",
    open: "لم يحن بعد",
    goes_on: "للنص بقية؛ لا يظهر هنا إلا أوله.",
    attachments: "المرفقات: ",
    times: "جميع الأوقات بتوقيت ",
    no_subject: "(بلا موضوع)",
    proof: "كيفية التحقق من هذا الملف",
    how: "لكل رسالة بصمة SHA-256. تُحسب القيمة الأخيرة منها بترتيب الأرقام: نبدأ باثنين وثلاثين بايتًا صفريًا، ومع كل رسالة نحسب SHA-256 \
          للقيمة السابقة تليها بصمة الرسالة، كلتاهما كبايتات. وأي ملف لاحق يضم الرسائل نفسها يؤدي إلى القيمة نفسها.",
};
