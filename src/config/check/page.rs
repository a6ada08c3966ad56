//! The public page: `[page]`.
use crate::compose::page::Shown;
use crate::config::{
    Page,
    reader::{Field, Reader},
};
use crate::model::Zones;

/// `[page]` with its defaults.
pub(super) fn page(main: &Reader<'_>, zones: &Zones) -> Option<Page> {
    let table = main.section("page")?;
    let publish = table.field("publish").and_then(|field| field.choices());
    let clocks = match table.field("zones") {
        Some(field) => field.each(|item| item.zone(zones)),
        None => Some(Vec::new()),
    };
    let url = match table.field("url") {
        Some(field) => Some(url(&field)?),
        None => None,
    };
    let publish = publish?;
    let named = |word: &str| publish.contains(&word);
    if let Some(field) = table.field("publish").filter(|_| named("places") && !named("trips")) {
        field.place.warn("names places, but no trips", "add \"trips\": places stand beside them".to_owned());
    }
    let shown = Shown {
        closures: named("closures"),
        holidays: named("holidays"),
        trips: named("trips"),
        places: named("places"),
        notes: named("notes"),
        channels: table.texts("channels"),
        url,
        title: table.text("title"),
        zones: clocks?,
    };
    Some(Page { out: table.path("out"), shown })
}

/// The address of a folder, with a slash at the end.
fn url(field: &Field<'_>) -> Option<String> {
    let text = field.text()?;
    let remedy = "write it as \"https://studio.example/hours/\"".to_owned();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_graphic() && !"\"'<>\\^`{|}".contains(c);
    match rest {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') && text.chars().all(plain) => {
            if text.contains(['?', '#']) {
                field.place.fault("has more than a folder in it", remedy);
                return None;
            }
            Some(if text.ends_with('/') { text } else { format!("{text}/") })
        }
        _ => {
            field.place.fault("is no address on the web", remedy);
            None
        }
    }
}
