//! Names of files against patterns in which `*` stands for any text. Pure; who lists folders: the shells.

/// Whether a name fits a pattern.
#[must_use]
pub fn fits(name: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match name.split_once(part) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit() {
        for (name, pattern, expected) in [
            ("acme.toml", "*.toml", true),
            ("acme.toml~", "*.toml", false),
            ("a-b-c", "a*b*c", true),
            ("ac", "a*c*c", false),
            ("a", "a", true),
            ("ab", "ab*b", false),
        ] {
            assert_eq!(fits(name, pattern), expected, "{name} {pattern}");
        }
    }
}
