//! Cuts an mbox file into messages (RFC 4155), both ways of quoting `From ` lines. Reading only.

/// The messages of an mbox file, without their `From ` lines. A separator is a line `From SENDER DATE` at
/// the beginning or behind an empty line; quoted `>From ` lines stay as they are. A file that does not
/// begin with a separator is one message.
pub fn split_mbox(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes).filter(|bytes| !bytes.trim_ascii().is_empty());
    std::iter::from_fn(move || {
        let this = rest.take()?;
        let body = if separator(this) { this.get(line_length(this)..).unwrap_or_default() } else { this };
        let is_mbox = body.len() != this.len();
        let mut end = 0;
        let mut empty = false;
        while let Some(ahead) = body.get(end..).filter(|ahead| is_mbox && !ahead.is_empty()) {
            if empty && separator(ahead) {
                rest = Some(ahead);
                return body.get(..end);
            }
            let length = line_length(ahead);
            empty = ahead.get(..length).is_some_and(|line| line.trim_ascii().is_empty());
            end += length;
        }
        Some(body)
    })
}

fn line_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|&b| b == b'\n').map_or(bytes.len(), |end| end + 1)
}

/// `From ` and, somewhere behind it, a time of day: prose seldom has that.
fn separator(bytes: &[u8]) -> bool {
    bytes.starts_with(b"From ")
        && bytes.get(..line_length(bytes).min(300)).is_some_and(|line| {
            line.windows(3).any(|w| matches!(w, [a, b':', c] if a.is_ascii_digit() && c.is_ascii_digit()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts() {
        let split = |raw: &'static str| {
            split_mbox(raw.as_bytes()).map(|m| String::from_utf8_lossy(m).into_owned()).collect::<Vec<_>>()
        };
        let line = "From a@b Mon Jan  4 10:00:00 2027\n";
        assert_eq!(line.len(), 34);
        assert_eq!(
            split(
                "From a@b Mon Jan  4 10:00:00 2027\nA: 1\n\nx\n>From y\nFrom here on\n\nFrom there\n\nFrom c Mon Jan  4 10:00:00 2027\nB: 2\n\ny\n"
            ),
            ["A: 1\n\nx\n>From y\nFrom here on\n\nFrom there\n\n", "B: 2\n\ny\n"]
        );
        assert_eq!(split("A: 1\n\nx\n\nFrom c Mon Jan  4 10:00:00 2027\n").len(), 1);
        assert_eq!(split("From a 10:00\r\nA: 1\r\n\r\nFrom b 10:00\r\nB: 2\r\n"), ["A: 1\r\n\r\n", "B: 2\r\n"]);
        assert_eq!(split(" \n").len(), 0);
        assert_eq!(split("").len(), 0);
    }
}
