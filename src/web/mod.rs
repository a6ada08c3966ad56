//! The desk as a local web page: HTTP on loopback, sessions, HTML from plain view values. It knows neither the store
//! nor the configuration: what a page shows and what an act does is handed in (`Behind`).
pub mod guard;
mod html;
mod pages;
mod respond;
mod server;
mod session;
mod site;
pub mod view;
mod words;

pub use html::{Picture, encoded};
pub use server::{Listener, serve};
pub use session::same;
pub use site::{Act, Ask, Behind, Site, Trouble};
pub use words::{Words, words};
