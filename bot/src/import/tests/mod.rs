//! The importer on files in the official layouts, whole and broken. The files are made here, from
//! the figures of the embedded pack.

mod broken;
mod country;
mod fixtures;
mod layouts;
mod packs;
mod releases;
