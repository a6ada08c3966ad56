//! Looking through files for texts that should be gone. Never here: what to do about one that is found.

use std::collections::BTreeSet;

/// Texts to look for in files, ASCII case folded.
#[derive(Clone, Debug)]
pub struct Needles {
    all: Vec<Vec<u8>>,
    /// Which two octets a needle begins with.
    begins: Vec<bool>,
    longest: usize,
}

impl Needles {
    /// Takes texts of at least four octets; shorter ones are everywhere.
    #[must_use]
    pub fn new(texts: &[String]) -> Self {
        let mut all: Vec<Vec<u8>> = texts.iter().map(|text| text.to_ascii_lowercase().into_bytes()).collect();
        all.retain(|needle| needle.len() >= 4);
        all.sort_unstable();
        all.dedup();
        let mut begins = vec![false; 1 << 16];
        for needle in &all {
            if let Some(slot) = pair(needle).and_then(|pair| begins.get_mut(pair)) {
                *slot = true;
            }
        }
        let longest = all.iter().map(Vec::len).max().unwrap_or(0);
        Self { all, begins, longest }
    }

    /// The first of the texts that a file holds; a file that is not there holds none.
    ///
    /// # Errors
    /// As the system says.
    pub fn found_in(&self, path: &std::path::Path) -> std::io::Result<Option<String>> {
        const CHUNK: usize = 1 << 20;
        let mut file = match std::fs::File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut window: Vec<u8> = Vec::with_capacity(CHUNK + self.longest);
        loop {
            let before = window.len();
            let mut part = std::io::Read::take(&mut file, CHUNK as u64);
            let n = std::io::Read::read_to_end(&mut part, &mut window)?;
            if n == 0 {
                return Ok(None);
            }
            window.iter_mut().skip(before).for_each(u8::make_ascii_lowercase);
            if let Some(found) = self.found(&window) {
                return Ok(Some(String::from_utf8_lossy(found).into_owned()));
            }
            let keep = window.len().saturating_sub(self.longest);
            window.drain(..keep);
        }
    }

    fn found(&self, window: &[u8]) -> Option<&[u8]> {
        (0..window.len()).find_map(|at| self.at(window.get(at..)?))
    }

    /// The longest of the texts with which these octets begin.
    fn at(&self, here: &[u8]) -> Option<&[u8]> {
        let maybe = pair(here).and_then(|pair| self.begins.get(pair)) == Some(&true);
        if !maybe {
            return None;
        }
        // Sorted: the needle that is here, if one is, is not behind what stands here.
        let end = self.all.partition_point(|needle| needle.as_slice() <= here);
        let before = self.all.get(..end)?.iter().rev().take_while(|n| n.first() == here.first());
        before.map(Vec::as_slice).find(|n| here.starts_with(n))
    }

    /// All of the texts that stand in some octets.
    pub(super) fn all_in(&self, octets: &[u8], found: &mut BTreeSet<String>) -> bool {
        let folded = octets.to_ascii_lowercase();
        let mut any = false;
        for at in 0..folded.len() {
            if let Some(text) = folded.get(at..).and_then(|here| self.at(here)) {
                any = true;
                found.insert(String::from_utf8_lossy(text).into_owned());
            }
        }
        any
    }

    /// Those that are none of these.
    #[must_use]
    pub fn without(&self, known: &BTreeSet<String>) -> Self {
        let texts = self.all.iter().map(|text| String::from_utf8_lossy(text).into_owned());
        Self::new(&texts.filter(|text| !known.contains(text)).collect::<Vec<_>>())
    }
}

fn pair(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [a, b, ..] => Some(usize::from(*a) << 8 | usize::from(*b)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Needles;

    #[test]
    fn needles_are_found_across_chunks() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let needles = Needles::new(&["Anna@acme.example".into(), "anna".into(), "zzzz".into(), "x".into()]);
        let found = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            needles.found_in(&path).unwrap()
        };
        assert_eq!(found(b"nothing of it, only ann and zzz x"), None);
        assert_eq!(found(b"... ANNA@ACME.example").as_deref(), Some("anna@acme.example"));
        let mut long = vec![b'.'; (1 << 20) - 2];
        long.extend(b"zzzz and more");
        assert_eq!(found(&long).as_deref(), Some("zzzz"));
        assert_eq!(needles.found_in(&dir.path().join("none")).unwrap(), None);
    }
}
