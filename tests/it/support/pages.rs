//! The pages of the project as data: their blocks, what stands in backquotes, the commands in them.
use std::path::PathBuf;

/// The root of the project.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file, relative to the root.
pub fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A fenced block: its language, its text, the line on which it begins.
pub struct Block {
    pub language: String,
    pub text: String,
    pub line: usize,
}

/// The fenced blocks of a page.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (n, line) in page.lines().enumerate() {
        match line.trim_start().strip_prefix("```") {
            Some(language) if !open => {
                blocks.push(Block { language: language.trim().to_owned(), text: String::new(), line: n + 1 });
                open = true;
            }
            Some(_) => open = false,
            None if open => {
                let block = blocks.last_mut().unwrap();
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {}
        }
    }
    blocks
}

/// A page without its fenced blocks.
pub fn prose(page: &str) -> String {
    let mut open = false;
    let kept = page.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        open ^= fence;
        !open && !fence
    });
    kept.collect::<Vec<_>>().join("\n")
}

/// What stands in backquotes.
pub fn spans(page: &str) -> Vec<String> {
    let prose = prose(page);
    let spans = prose.split("\n\n").flat_map(|paragraph| paragraph.split('`').skip(1).step_by(2));
    spans.map(|span| span.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// The anchor of a heading, as GitHub makes it.
pub fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let anchor = |heading: &str| {
        let kept = heading
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .collect::<String>();
        kept.replace(' ', "-")
    };
    headings.map(anchor).collect()
}

/// The commands in a page: those in blocks of shell lines and those that a span begins with.
pub fn commands(page: &str) -> Vec<Vec<String>> {
    let lines = blocks(page).into_iter().filter(|block| block.language == "sh");
    let lines: Vec<String> =
        lines.flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let mut found = Vec::new();
    for line in lines.into_iter().chain(spans(page)) {
        let line = line.split(" #").next().unwrap().split('|').next().unwrap();
        let mut words = line.split_whitespace().skip_while(|word| *word == "sudo").map(str::to_owned);
        if words.next().as_deref() == Some("fuseau") {
            found.push(words.collect());
        }
    }
    found
}

/// The pages of the guide, relative to the root, sorted.
pub fn guide() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("docs/guide")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: Vec<String> =
        names.filter(|name| name.ends_with(".md")).map(|name| format!("docs/guide/{name}")).collect();
    pages.sort();
    pages
}
