//! The desk as a local web page: HTTP on loopback, sessions, HTML from plain view values. It knows neither the store
//! nor the configuration: what a page shows and what an act does is handed in (`Behind`).
mod ask;
pub mod guard;
mod html;
mod pages;
mod respond;
mod server;
mod session;
mod site;
pub mod view;
mod words;

pub use ask::{Act, Ask, Behind, Look, Seek, Trouble};
pub use html::{Picture, encoded};
pub use server::{Listener, serve};
pub use session::same;
pub use site::Site;
pub use words::{Words, fill, words};
