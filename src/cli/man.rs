//! `fuseau man`: the manual page, made from the same declarations as `--help`.
use super::args::Cli;
use super::fail::Fail;
use super::out;
use clap::{Command, CommandFactory};
use clap_mangen::Man;

/// Prints fuseau(1) as roff: the program, then a section for each command.
pub fn run() -> Result<(), Fail> {
    let mut whole = Cli::command();
    whole.build();
    let man = Man::new(whole.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for command in whole.get_subcommands() {
        section(command, "FUSEAU", &mut page)?;
    }
    let mut notes = Vec::new();
    man.render_extra_section(&mut notes)?;
    page.extend(String::from_utf8_lossy(&notes).replace(".SH EXTRA", ".SH NOTES").bytes());
    out::text(&String::from_utf8_lossy(&page));
    Ok(())
}

/// A command, and those below it.
fn section(command: &Command, above: &str, page: &mut Vec<u8>) -> Result<(), Fail> {
    if command.get_name() == "help" {
        return Ok(());
    }
    let name = format!("{above} {}", command.get_name().to_uppercase());
    page.extend(format!(".SH \"{name}\"\n").bytes());
    let man = Man::new(command.clone());
    let mut part = Vec::new();
    man.render_description_section(&mut part)?;
    man.render_synopsis_section(&mut part)?;
    man.render_options_section(&mut part)?;
    // Its sections are subsections of the page.
    let part = String::from_utf8_lossy(&part).replace(".SH DESCRIPTION\n", "").replace(".SH ", ".SS ");
    page.extend(part.bytes());
    command.get_subcommands().try_for_each(|below| section(below, &name, page))
}
