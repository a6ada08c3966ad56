//! `fuseau man`: the manual page, made from the same declarations as `--help`.
use super::args::Cli;
use super::fail::Fail;
use super::out;
use clap::CommandFactory;
use clap_mangen::Man;

/// Prints fuseau(1) as roff: the program, then a section for each command.
pub fn run() -> Result<(), Fail> {
    let mut whole = Cli::command();
    whole.build();
    let mut page = Vec::new();
    let man = Man::new(whole.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for command in whole.get_subcommands().filter(|command| command.get_name() != "help") {
        let man = Man::new(command.clone());
        page.extend(format!(".SH \"FUSEAU {}\"\n", command.get_name().to_uppercase()).bytes());
        let mut part = Vec::new();
        man.render_description_section(&mut part)?;
        man.render_synopsis_section(&mut part)?;
        man.render_options_section(&mut part)?;
        page.extend(lowered(&String::from_utf8_lossy(&part)).bytes());
    }
    man.render_extra_section(&mut page)?;
    out::text(&String::from_utf8_lossy(&page));
    Ok(())
}

/// Sections of a command become subsections of the page.
fn lowered(part: &str) -> String {
    part.replace(".SH DESCRIPTION\n", "").replace(".SH ", ".SS ")
}
