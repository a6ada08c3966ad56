//! What people write, in their languages; and how one sees in which language a text is.

/// A question of a client's: its subject and text.
pub fn question(language: &str, number: usize) -> (String, String) {
    let (subject, text) = match language {
        "fr" => ("Maquette", "Bonjour Claire, pourriez-vous regarder la maquette de la page"),
        "de" => ("Entwurf", "Guten Tag Claire, könnten Sie den Entwurf ansehen, Seite"),
        "es" => ("Borrador", "Hola Claire, ¿puede revisar el borrador de la página"),
        "it" => ("Bozza", "Buongiorno Claire, può guardare la bozza della pagina"),
        "pt" => ("Rascunho", "Olá Claire, pode ver o rascunho da página"),
        "nl" => ("Schets", "Dag Claire, kunt u de schets bekijken van pagina"),
        "ja" => ("原稿の確認", "クレアさん、原稿をご確認いただけますか。ページ"),
        "zh" => ("样稿", "克莱尔，请看一下样稿，第几页"),
        "ar" => ("المسودة", "مرحبا كلير، هل يمكنك النظر في مسودة الصفحة"),
        _ => ("Draft", "Hello Claire, could you look at the draft of page"),
    };
    (format!("{subject} {number}"), format!("{text} {number}?"))
}

/// A second look at the same matter.
pub fn again(language: &str, number: usize) -> String {
    let (_, text) = question(language, number);
    format!("{text}\n\n{}", number * 7)
}

/// Nothing but thanks.
pub fn thanks(language: &str) -> &'static str {
    match language {
        "fr" => "Merci beaucoup",
        "de" => "Vielen Dank",
        "es" => "Muchas gracias",
        "it" => "Grazie mille",
        "pt" => "Muito obrigado",
        "nl" => "Hartelijk dank",
        "ja" => "ありがとうございます",
        "zh" => "非常感谢",
        "ar" => "شكرا جزيلا",
        _ => "Thanks, perfect",
    }
}

const WORDS: [(&str, &[&str]); 7] = [
    ("en", &["the", "you", "your", "my", "will", "have", "by", "answer", "this", "is", "at", "and"]),
    ("fr", &["vous", "votre", "je", "ma", "réponse", "est", "les", "à", "au", "la", "et", "ce"]),
    ("de", &["sie", "ich", "meine", "antwort", "ihre", "die", "bis", "ist", "der", "und", "wird", "um"]),
    ("es", &["su", "mi", "respuesta", "el", "las", "los", "más", "es", "le", "yo", "mensaje", "estas"]),
    ("it", &["il", "suo", "mia", "risposta", "entro", "le", "è", "ore", "messaggio", "da", "questa", "alle"]),
    ("pt", &["sua", "minha", "resposta", "até", "às", "não", "mensagem", "você", "será", "os", "é", "o"]),
    ("nl", &["u", "uw", "het", "mijn", "antwoord", "dit", "ik", "bericht", "van", "uiterlijk", "een", "deze"]),
];

/// In which language a text is: by its script, else by its small words.
pub fn language(text: &str) -> &'static str {
    let any = |from: char, to: char| text.chars().any(|c| (from..=to).contains(&c));
    if any('\u{3040}', '\u{30ff}') {
        return "ja";
    }
    if any('\u{4e00}', '\u{9fff}') {
        return "zh";
    }
    if any('\u{0600}', '\u{06ff}') {
        return "ar";
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let score = |list: &[&str]| words.iter().filter(|word| list.contains(word)).count();
    WORDS.iter().max_by_key(|(_, list)| score(list)).map(|(language, _)| *language).unwrap()
}
