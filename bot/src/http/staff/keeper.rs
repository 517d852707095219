//! Beside the calls: the head of the audit trail goes to a file each hour, and what is over is removed.

use std::sync::Arc;
use std::time::Duration;

use super::StaffState;
use crate::domain::time::UnixMillis;
use crate::store::Error;
use crate::store::audit::{Head, append_head, read_heads};

/// Time between two rounds.
const ROUND: Duration = Duration::from_hours(1);

/// Works until the service stops.
pub(super) async fn run(state: &Arc<StaffState>) {
    loop {
        if let Err(problem) = export_head(state).await {
            tracing::error!(%problem, "the head of the audit trail could not be exported");
        }
        if let Err(problem) = remove(state, state.clock.now()).await {
            tracing::warn!(%problem, "what is over could not be removed");
        }
        tokio::select! {
            () = state.stop.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Writes the head into the file of heads, unless it stands there already.
pub(super) async fn export_head(state: &Arc<StaffState>) -> Result<Head, Error> {
    let head = state.service.store.get_audit_head().await?;
    if head.seq == 0 {
        return Ok(head);
    }
    let (path, at, written) = (state.heads.clone(), state.clock.now().0, head.clone());
    let done = tokio::task::spawn_blocking(move || {
        if read_heads(&path)?.contains(&written) { Ok(()) } else { append_head(&path, &written, at) }
    });
    done.await
        .map_err(|problem| Error::Other(problem.to_string()))?
        .map_err(|problem| Error::Unavailable(format!("the file of heads: {problem}")))?;
    Ok(head)
}

async fn remove(state: &StaffState, now: UnixMillis) -> Result<(), Error> {
    let store = &state.service.store;
    while store.remove_answers(now).await? > 0 {}
    while store.remove_attempts(now).await? > 0 {}
    while store.remove_sessions(now).await? > 0 {}
    while store.remove_notices(now).await? > 0 {}
    Ok(())
}
