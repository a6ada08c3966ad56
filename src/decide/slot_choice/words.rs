//! The words with which people choose a time, in ten languages: as they are written; compared folded. Lists only.
use crate::model::Language;

/// Days of the week, Monday first: names that mean nothing else.
pub(super) const WEEKDAYS: [&[&str]; 7] = [
    &["monday", "lundi", "montag", "montags", "lunes", "lunedì", "segunda-feira", "maandag", "月曜", "月曜日", "星期一", "周一", "礼拜一", "الاثنين", "الإثنين"],
    &["tuesday", "tues", "mardi", "dienstag", "martes", "martedì", "terça-feira", "terça", "dinsdag", "火曜", "火曜日", "星期二", "周二", "礼拜二", "الثلاثاء"],
    &["wednesday", "mercredi", "mittwoch", "miércoles", "mercoledì", "quarta-feira", "woensdag", "水曜", "水曜日", "星期三", "周三", "礼拜三", "الأربعاء"],
    &["thursday", "thurs", "jeudi", "donnerstag", "jueves", "giovedì", "quinta-feira", "donderdag", "木曜", "木曜日", "星期四", "周四", "礼拜四", "الخميس"],
    &["friday", "vendredi", "freitag", "viernes", "venerdì", "sexta-feira", "sexta", "vrijdag", "金曜", "金曜日", "星期五", "周五", "礼拜五", "الجمعة"],
    &["saturday", "samedi", "samstag", "sonnabend", "sábado", "sabato", "zaterdag", "土曜", "土曜日", "星期六", "周六", "礼拜六", "السبت"],
    &["sunday", "dimanche", "sonntag", "domingo", "domenica", "zondag", "日曜", "日曜日", "星期日", "星期天", "周日", "الأحد"],
];

/// Abbreviations by language, Monday first: days only where a number follows ("Di 10 Uhr", "mar. 19").
pub(super) const SHORT_WEEKDAYS: &[(Language, [&str; 7])] = &[
    (Language::En, ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    (Language::Fr, ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"]),
    (Language::De, ["mo", "di", "mi", "do", "fr", "sa", "so"]),
    (Language::Es, ["lun", "mar", "mie", "jue", "vie", "sab", "dom"]),
    (Language::It, ["lun", "mar", "mer", "gio", "ven", "sab", "dom"]),
    (Language::Pt, ["seg", "ter", "qua", "qui", "sex", "sab", "dom"]),
    (Language::Nl, ["ma", "di", "wo", "do", "vr", "za", "zo"]),
];

/// Days of the week that are ordinals too (Portuguese): both are meant until something says which.
pub(super) const FEIRAS: &[(&str, usize, usize)] = &[("segunda", 0, 2), ("quarta", 2, 4), ("quinta", 3, 5)];
/// Before such a word: it is a day.
pub(super) const FEIRA_BEFORE: &[&str] = &["na", "da", "nesta", "desta", "próxima"];

/// Months, January first.
pub(super) const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "janvier", "januar", "jänner", "enero", "gennaio", "janeiro", "januari", "يناير"],
    &["february", "feb", "février", "februar", "febrero", "febbraio", "fevereiro", "februari", "فبراير"],
    &["march", "mars", "märz", "marzo", "março", "maart", "مارس"],
    &["april", "apr", "avril", "abril", "aprile", "أبريل"],
    &["may", "mai", "mayo", "maggio", "maio", "mei", "مايو"],
    &["june", "jun", "juin", "juni", "junio", "giugno", "junho", "يونيو"],
    &["july", "jul", "juillet", "juli", "julio", "luglio", "julho", "يوليو"],
    &["august", "aug", "août", "agosto", "augustus", "أغسطس"],
    &["september", "sept", "sep", "septembre", "septiembre", "settembre", "setembro", "سبتمبر"],
    &["october", "oct", "octobre", "oktober", "okt", "octubre", "ottobre", "outubro", "أكتوبر"],
    &["november", "nov", "novembre", "noviembre", "novembro", "نوفمبر"],
    &["december", "dec", "décembre", "dezember", "dez", "diciembre", "dicembre", "dezembro", "ديسمبر"],
];

/// First to fifth.
pub(super) const ORDINALS: [&[&str]; 5] = [
    &["first", "1st", "premier", "première", "1er", "1re", "erste", "ersten", "erster", "erstes", "primero", "primera", "primer", "primo", "prima", "primeiro", "primeira", "eerste", "الأول", "الأولى"],
    &["second", "2nd", "deuxième", "seconde", "2e", "2ème", "zweite", "zweiten", "zweiter", "zweites", "segundo", "secondo", "seconda", "tweede", "الثاني", "الثانية"],
    &["third", "3rd", "troisième", "3e", "3ème", "dritte", "dritten", "dritter", "drittes", "tercero", "tercera", "tercer", "terzo", "terza", "terceiro", "terceira", "derde", "الثالث", "الثالثة"],
    &["fourth", "4th", "quatrième", "4e", "vierte", "vierten", "vierter", "viertes", "cuarto", "cuarta", "quarto", "vierde", "الرابع", "الرابعة"],
    &["fifth", "5th", "cinquième", "5e", "fünfte", "fünften", "fünfter", "quinto", "vijfde", "الخامس", "الخامسة"],
];

/// The last one.
pub(super) const LAST: &[&str] = &[
    "the last one", "last option", "last slot", "la dernière", "le dernier", "der letzte", "die letzte", "das letzte", "den letzten", "la última", "el último", "l'ultimo", "l'ultima", "a última", "o último", "de laatste",
    "最後の", "最后一个", "الأخير",
];

/// One to five, where a word before says that they are numbers.
pub(super) const CARDINALS: [&[&str]; 5] = [
    &["one", "eins", "uno", "een", "一", "واحد"],
    &["two", "deux", "zwei", "dos", "due", "dois", "twee", "二", "两", "اثنان", "اثنين"],
    &["three", "trois", "drei", "tres", "tre", "três", "drie", "三", "ثلاثة"],
    &["four", "quatre", "vier", "cuatro", "quattro", "quatro", "四", "أربعة"],
    &["five", "cinq", "fünf", "cinco", "cinque", "vijf", "五", "خمسة"],
];

/// Words before a number that make it the number of a proposal.
pub(super) const MARKS: &[&str] = &[
    "number", "no", "nr", "num", "option", "slot", "choice", "proposal", "time", "#", "numéro", "n°", "nº", "créneau", "proposition", "choix",
    "nummer", "vorschlag", "termin", "variante", "número", "opción", "propuesta", "numero", "opzione", "proposta", "opção", "optie", "voorstel",
    "番号", "候補", "第", "选", "选择", "方案", "رقم", "الخيار", "الموعد", "take", "prefer", "choose", "pick", "nehme", "nehmen", "prends", "prenons",
];

/// Articles before a number: a proposal, or a day of the month.
pub(super) const ARTICLES: &[&str] = &["the", "le", "la", "el", "il", "lo", "die", "der", "den", "das", "o", "a", "de", "het", "am", "dia", "día", "on", "يوم"];

/// Words that may stand beside a number that chooses; most of them say yes.
pub(super) const AGREES: &[&str] = &[
    // yes in any language
    "yes", "yep", "ok", "okay", "oui", "ja", "sí", "sì", "sim", "gern", "gerne", "graag", "perfect", "perfekt", "perfecto", "perfetto", "perfeito", "parfait", "parfaite", "prima", "super", "great", "good",
    "fine", "best", "better", "ideal", "excellent", "works", "work", "suits", "fits", "sounds", "please", "fits", "passt", "passen", "geht", "ginge", "wäre", "bitte", "convient", "conviendrait", "irait", "va", "bene",
    "serait", "est", "sera", "bien", "très", "funciona", "viene", "conviene", "sería", "queda", "vale", "favor", "andrebbe", "sarebbe", "serve", "fica", "pode", "ser", "seria", "past", "goed", "lukt", "schikt",
    "いい", "よい", "良い", "お願い", "希望", "大丈夫", "都合", "可以", "行", "好", "方便", "合适", "مناسب", "يناسبني", "يناسبنا", "موافق", "نعم", "جيد", "ممتاز", "番", "つ目", "号", "个", "個", "目", "案",
];

/// Of these alone a message may be made that says yes to everything.
pub(super) const YES: &[&str] = &[
    "yes", "yep", "ok", "okay", "oui", "ja", "sí", "sì", "sim", "works", "perfect", "perfekt", "perfecto", "perfetto", "perfeito", "parfait", "passt", "convient", "d'accord", "vale", "va bene", "funciona", "de acuerdo",
    "einverstanden", "combinado", "is goed", "akkoord", "了解", "承知", "かしこまりました", "大丈夫です", "好的", "可以", "没问题", "نعم", "موافق",
];

/// Small words that say nothing beside a number: articles, pronouns, conjunctions, courtesies.
pub(super) const SMALL: &[&str] = &[
    "i", "i'd", "i'll", "me", "us", "we", "you", "it", "that", "this", "the", "one", "for", "with", "let's", "go", "would", "will", "is", "be", "to", "and", "or", "my", "our", "so", "very", "well", "then", "like", "take", "choose", "pick",
    "je", "j'ai", "nous", "vous", "moi", "pour", "le", "la", "les", "et", "ou", "ça", "cela", "c'est", "me", "alors", "donc", "avec", "prends", "prendrai", "préfère", "choisis", "plaît", "s'il", "te", "te",
    "ich", "wir", "mir", "uns", "für", "und", "oder", "der", "die", "das", "den", "dann", "ist", "am", "besten", "nehme", "nehmen", "würde", "gut", "sehr", "wird", "es", "also", "sie", "ihnen",
    "yo", "nos", "para", "mí", "el", "y", "o", "u", "por", "me", "muy", "mejor", "sería", "prefiero", "elijo", "io", "noi", "per", "il", "lo", "e", "mi", "ci", "scelgo", "preferisco", "grazie", "meglio",
    "eu", "nós", "mim", "o", "a", "os", "prefiro", "escolho", "melhor", "está", "ik", "wij", "voor", "mij", "ons", "het", "de", "en", "of", "dan", "kies", "liever", "heel", "best",
    "thanks", "thank", "merci", "danke", "gracias", "obrigado", "obrigada", "bedankt", "dank", "hi", "hello", "bonjour", "hallo", "hola", "ciao", "olá", "claire",
    "て", "は", "か", "の", "を", "に", "も", "し", "ま", "す", "い", "た", "き", "が", "と", "願", "私", "我", "们", "选", "要", "那", "就", "吧", "的", "了", "是", "第", "هو", "هذا", "لي", "لنا", "أو", "و",
    "both", "beide", "deux", "times", "either", "お", "或", "还", "和",
];

/// Somebody cannot. Around them stands what is not chosen.
pub(super) const NOT: &[&str] = &[
    "not", "no", "can't", "cannot", "doesn't", "don't", "won't", "isn't", "unfortunately", "impossible", "busy", "unable", "pas", "impossible", "malheureusement", "nicht", "kein", "keine", "leider", "unmöglich",
    "imposible", "lamentablemente", "non", "purtroppo", "não", "infelizmente", "niet", "helaas", "無理", "難し", "できません", "不可", "都合が悪", "ありません", "不行", "不方便", "不可以", "没空", "不能", "没有空", "لا", "ليس", "لست", "غير", "للأسف", "لن", "except", "sauf", "außer", "salvo", "tranne", "exceto", "behalve", "以外",
];

/// Refusals that are none.
pub(super) const NOT_REALLY: &[&str] = &[
    "no problem", "not a problem", "no worries", "why not", "no doubt", "if not", "pas de problème", "pas de souci", "pourquoi pas", "sans problème", "kein problem", "warum nicht", "sin problema", "ningún problema", "por qué no", "nessun problema", "non c'è problema", "perché no", "sem problema", "por que não",
    "geen probleem", "waarom niet", "問題ありません", "問題ない", "没问题", "没有问题", "لا مشكلة", "لا مانع", "no. ", "if you don't mind", "don't hesitate",
];

/// None of them.
pub(super) const NONE: &[&str] = &[
    "none of", "neither", "none work", "none suit", "none fit", "aucun", "aucune", "keiner", "keines", "keine davon", "keine der", "ninguno", "ninguna", "ninguna de", "nessuno", "nessuna", "nenhum", "nenhuma", "geen van", "geen enkele",
    "どれも", "いずれも難し", "都不", "没有一个", "لا شيء", "أي منها لا", "لا يناسبني أي",
];

/// Whichever the owner likes.
pub(super) const ANY: &[&str] = &[
    "any of them", "any of these", "any of the", "any works", "any time works", "any is fine", "whichever", "all of them", "all three work", "all work", "either works", "either is fine", "up to you", "you choose", "your choice",
    "n'importe lequel", "peu importe", "tous me conviennent", "les trois me conviennent", "à vous de choisir", "à toi de choisir", "egal", "alle passen", "alle drei passen", "jeder termin", "cualquiera", "me da igual", "todos me vienen", "uno qualsiasi", "qualsiasi", "tutti vanno bene", "qualquer um", "tanto faz", "qualquer horário",
    "maakt niet uit", "alle drie", "kies maar", "どれでも", "いずれでも", "いつでも", "都可以", "都行", "哪个都", "أي منها", "أي موعد", "كلها مناسبة",
];

/// Not sure yet.
pub(super) const MAYBE: &[&str] = &[
    "maybe", "perhaps", "might", "probably", "not sure", "let me check", "i'll confirm", "get back to you", "peut-être", "probablement", "je vérifie", "à confirmer", "vielleicht", "eventuell", "wahrscheinlich", "quizás", "quizá", "tal vez", "probablemente", "forse", "probabilmente", "talvez", "provavelmente",
    "misschien", "waarschijnlijk", "かも", "たぶん", "多分", "也许", "可能", "大概", "ربما", "قد",
];

/// Before a day or a time: it is a border, not a choice.
pub(super) const BORDERS: &[&str] = &[
    "after", "before", "until", "till", "from", "since", "by", "après", "avant", "jusqu'au", "jusqu'à", "dès", "depuis", "nach", "vor", "bis", "ab", "seit", "después", "antes", "hasta", "desde", "dopo", "prima", "fino", "dal", "depois", "até", "a partir de", "tot", "vanaf", "بعد", "قبل", "حتى", "منذ",
];
/// The same, behind it.
pub(super) const BORDERS_BEHIND: &[&str] = &["以降", "まて", "まで", "以前", "より", "以后", "之前", "之后", "前"];

/// Before noon, and after it.
pub(super) const MORNING: &[&str] = &["morning", "matin", "vormittag", "vormittags", "por la mañana", "mattina", "mattino", "manhã", "ochtend", "'s ochtends", "午前", "上午", "早上", "صباحا", "صباحًا", "الصباح"];
/// After noon.
pub(super) const AFTERNOON: &[&str] = &[
    "afternoon", "evening", "après-midi", "soir", "nachmittag", "nachmittags", "abend", "abends", "tarde", "noche", "pomeriggio", "sera", "noite", "middag", "'s middags", "avond", "午後", "夕方", "下午", "晚上", "مساء", "مساءً", "ظهرا", "بعد الظهر",
];
/// Behind an hour: its half of the day.
pub(super) const AM: &[&str] = &["am", "a.m", "a.m."];
/// Likewise.
pub(super) const PM: &[&str] = &["pm", "p.m", "p.m."];
/// Greetings with a time of day in them.
pub(super) const GREETINGS: &[&str] = &[
    "good morning", "good afternoon", "good evening", "guten morgen", "guten abend", "buenas tardes", "buenas noches", "buon pomeriggio", "buona sera", "buonasera", "boa tarde", "boa noite", "bom dia", "goedemorgen", "goedemiddag", "goedenavond", "早上好", "上午好", "下午好", "晚上好", "صباح الخير", "مساء الخير", "bonsoir", "bonne soirée", "bonne journée",
];

/// Behind a number: it is an hour.
pub(super) const HOURS: &[&str] = &["h", "hrs", "uhr", "uur", "heures", "heure", "horas", "ore", "o'clock", "時", "点", "點"];
/// Before a number: it is an hour.
pub(super) const AT: &[&str] = &["at", "@", "um", "gegen", "vers", "à", "las", "alle", "ore", "às", "om", "الساعة", "rather"];
/// The times are meant on the owner's clock.
pub(super) const YOUR_TIME: &[&str] = &[
    "your time", "votre heure", "heure de chez vous", "ihrer zeit", "ihre zeit", "deiner zeit", "su hora", "tu hora", "vostra ora", "sua ora", "seu horário", "uw tijd", "jouw tijd", "そちらの時間", "你们的时间", "你的时间", "您的时间", "بتوقيتكم",
];
/// Words that end a thought: what stands behind them is said apart.
pub(super) const BUT: &[&str] = &["but", "mais", "aber", "sondern", "pero", "sino", "ma", "mas", "maar", "但", "但是", "لكن", "however", "though", "instead"];
