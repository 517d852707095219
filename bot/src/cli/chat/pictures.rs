//! The pictures of the terminal phone: files that only who sits here may read.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use crate::channels::render::Rendered;
use crate::charts;
use crate::clock::Clock;
use crate::ids;
use crate::service::Service;

/// Where the pictures of one phone lie.
#[derive(Debug, Default)]
pub(super) struct Album {
    folder: Option<PathBuf>,
    count: u32,
}

impl Album {
    /// Draws the picture of each reply that has one and gives where it lies, or why it is not there.
    pub async fn keep(
        &mut self,
        service: &Service,
        clock: &Clock,
        replies: &[Rendered],
    ) -> Vec<Option<Result<PathBuf, String>>> {
        let mut kept = Vec::with_capacity(replies.len());
        for reply in replies {
            kept.push(match reply.picture.clone() {
                Some(picture) => {
                    let facts = service.facts.load_full();
                    let draw = move || charts::draw(&picture.chart, &facts, &picture.locale);
                    let drawn = tokio::task::spawn_blocking(draw).await;
                    let png = match drawn {
                        Ok(png) => png.map_err(|it| it.to_string()),
                        Err(_) => Err(charts::Error::Drawing.to_string()),
                    };
                    Some(png.and_then(|png| self.write(clock, &png).map_err(|it| it.to_string())))
                }
                None => None,
            });
        }
        kept
    }

    fn write(&mut self, clock: &Clock, png: &[u8]) -> std::io::Result<PathBuf> {
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => {
                let name = format!("cabildo-{}", ids::new_id(clock.now()).simple());
                let folder = std::env::temp_dir().join(name);
                std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
                self.folder.insert(folder).clone()
            }
        };
        self.count += 1;
        let path = folder.join(format!("{}.png", self.count));
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(png)?;
        Ok(path)
    }
}
