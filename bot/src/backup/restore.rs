//! A backup comes back: opened, checked, compared with what it says of itself, and made to forget
//! whom it must not know any more, before it gets the name of a database.

use std::path::{Path, PathBuf};

use super::{Error, Manifest, Temporary, at, sync, unseal};
use crate::store::erasures::{self, Erasure};
use crate::store::{Store, migrate, snapshot};

/// Name of the database in the folder that is restored into.
const DATABASE: &str = "cabildo.db";

/// What came back.
#[derive(Debug)]
pub struct Restored {
    /// The database.
    pub database: PathBuf,
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// How many persons of it had been erased since, and are erased again.
    pub erased: usize,
}

/// Restores `backup` into `folder`. Erasures are those of the lists beside the backup and in
/// `folder`, and of `lists`.
///
/// # Errors
/// See [`Error`]; no database is left in `folder`, and one that was there is as it was.
pub async fn restore(
    backup: &Path,
    identity: &Path,
    folder: &Path,
    lists: &[PathBuf],
) -> Result<Restored, Error> {
    crate::store::guard::make_private_folder(folder).map_err(at(folder))?;
    let database = folder.join(DATABASE);
    for end in ["", "-wal", "-shm"] {
        let file = folder.join(format!("{DATABASE}{end}"));
        if file.exists() {
            return Err(Error::Exists(file));
        }
    }
    let erasures = gather(backup, folder, lists)?;
    let draft = folder.join(format!(".{DATABASE}.restoring"));
    let made = Temporary::new(&draft).map_err(at(&draft))?;
    let (backup, identity, to) = (backup.to_owned(), identity.to_owned(), draft.clone());
    let manifest = tokio::task::spawn_blocking(move || {
        let (manifest, mut stream) = unseal(&backup, &identity)?;
        let mut file = std::fs::OpenOptions::new().write(true).open(&to).map_err(at(&to))?;
        // An error of the stream is one of the encryption: the file was cut or changed.
        std::io::copy(&mut stream, &mut file).map_err(|problem| Error::Decrypt(problem.to_string()))?;
        file.sync_all().map_err(at(&to))?;
        Ok::<_, Error>(manifest)
    })
    .await
    .map_err(|problem| Error::Decrypt(problem.to_string()))??;
    check(&draft, &manifest).await?;
    let erased = forget(&draft, &erasures).await?;
    // A link does not replace a database that somebody made in between.
    std::fs::hard_link(&draft, &database).map_err(at(&database))?;
    drop(made);
    // The list itself must be where the service looks for it.
    let list = folder.join(erasures::FILE_NAME);
    erasures::merge_list(&erasures, &list).map_err(at(&list))?;
    sync(folder).map_err(at(folder))?;
    Ok(Restored { database, manifest, erased })
}

fn gather(backup: &Path, folder: &Path, lists: &[PathBuf]) -> Result<Vec<Erasure>, Error> {
    let beside = backup.parent().unwrap_or_else(|| Path::new("")).join(erasures::FILE_NAME);
    let mut all: Vec<Erasure> = Vec::new();
    for list in lists.iter().chain([&beside, &folder.join(erasures::FILE_NAME)]) {
        for it in erasures::read_list(list).map_err(at(list))? {
            if !all.iter().any(|known| known.contact_id == it.contact_id) {
                all.push(it);
            }
        }
    }
    Ok(all)
}

async fn check(database: &Path, manifest: &Manifest) -> Result<(), Error> {
    let unsound = |what: String| Err(Error::Unsound(what));
    let complaints = snapshot::check(database)
        .await
        .map_err(|_| Error::Unsound("what is in it is no database".to_owned()))?;
    if let Some(first) = complaints.first() {
        return unsound(first.clone());
    }
    let known = migrate::list(crate::store::Engine::Sqlite).last().map_or(0, |(number, _)| *number);
    if manifest.contents.schema > known {
        return unsound(format!(
            "its database has migration {}, and this program knows {known}: use a newer release",
            manifest.contents.schema
        ));
    }
    let found = snapshot::contents(database).await?;
    if found != manifest.contents {
        return unsound("the rows are not those that it says it has".to_owned());
    }
    Ok(())
}

/// Erases in the restored database whoever was erased since, so that no service ever opens it with
/// them. The address keys are not needed for that.
async fn forget(database: &Path, erasures: &[Erasure]) -> Result<usize, Error> {
    let store =
        Store::open_without_keys(database).await.map_err(|problem| Error::Unsound(problem.to_string()))?;
    let erased = store.apply_erasures(erasures).await;
    store.close().await;
    let erased = erased?;
    // Deleted rows are overwritten (secure_delete), and the log must not keep the old pages.
    snapshot::checkpoint(database).await?;
    for end in ["-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(&name) {
            Err(problem) if problem.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::File(PathBuf::from(name), problem));
            }
            _ => {}
        }
    }
    std::fs::File::open(database).and_then(|it| it.sync_all()).map_err(at(database))?;
    Ok(erased)
}
