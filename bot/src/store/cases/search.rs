//! Finding cases by their words, folded; what is confidential is never in the index.

use crate::domain::fold::words;

/// The most folded words of a case that the index holds, in bytes.
const LONGEST: usize = 20_000;

/// What stands for a municipality and for a state among the words of a case, so that the index itself
/// knows the place. No word of a person is like it: folding leaves no such letters side by side.
fn place_words(municipality: &str) -> String {
    let state = municipality.get(..2).unwrap_or(municipality);
    format!("zqm{municipality} zqs{state}")
}

/// The words of a case as the index holds them.
pub(crate) fn body(municipality: &str, texts: &[&str]) -> String {
    let mut body = place_words(municipality);
    for word in texts.iter().flat_map(|it| words(it)) {
        if body.len() + word.len() >= LONGEST {
            break;
        }
        // Nobody writes herself into another place.
        if !word.starts_with("zq") {
            body.push(' ');
            body.push_str(&word);
        }
    }
    body
}

/// What is searched: folded words, each of which begins a word of the case.
pub(crate) struct Query {
    words: Vec<String>,
    places: Vec<String>,
}

impl Query {
    /// Reads what was typed; `None` where it has no word. `places` are municipalities (five digits) and
    /// states (two); none of them: everywhere.
    pub(crate) fn new(text: &str, places: &[String]) -> Option<Self> {
        let mut words = words(text);
        words.retain(|it| !it.starts_with("zq"));
        words.truncate(12);
        let digits = |it: &&String| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
        let place = |it: &String| if it.len() == 2 { format!("zqs{it}") } else { format!("zqm{it}") };
        let places = places.iter().filter(digits).map(place).collect();
        (!words.is_empty()).then_some(Self { words, places })
    }

    /// In the words of FTS5. Folded words have letters and digits only, so none of them is an operator
    /// once it is quoted.
    pub(crate) fn sqlite(&self) -> String {
        let words: Vec<String> = self.words.iter().map(|it| format!("\"{it}\"*")).collect();
        let mut query = words.join(" AND ");
        if !self.places.is_empty() {
            query = format!("({query}) AND ({})", self.places.join(" OR "));
        }
        query
    }

    /// In the words of `to_tsquery`.
    pub(crate) fn postgres(&self) -> String {
        let words: Vec<String> = self.words.iter().map(|it| format!("'{it}':*")).collect();
        let mut query = words.join(" & ");
        if !self.places.is_empty() {
            query = format!("{query} & ({})", self.places.join(" | "));
        }
        query
    }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const TEXTS: Statement = Statement::both(
        "SELECT id, body FROM case_messages WHERE case_id = $1 AND author <> 'bot' AND taken_back_at IS NULL \
         ORDER BY id LIMIT 200",
    );
    pub(super) const OLD: Statement = Statement::both("SELECT body FROM case_texts WHERE number = $1");
    pub(super) const SET: Statement = Statement::both(
        "INSERT INTO case_texts (number, body) VALUES ($1, $2) \
         ON CONFLICT (number) DO UPDATE SET body = excluded.body",
    );
    pub(super) const DROP: Statement = Statement::both("DELETE FROM case_texts WHERE number = $1");
    /// `PostgreSQL` indexes the table itself.
    pub(super) const INDEX: Statement = Statement::fork(
        "INSERT INTO case_search (rowid, body) VALUES ($1, $2)",
        "SELECT $1::bigint, $2::text",
    );
    pub(super) const UNINDEX: Statement = Statement::fork(
        "INSERT INTO case_search (case_search, rowid, body) VALUES ('delete', $1, $2)",
        "SELECT $1::bigint, $2::text",
    );
    pub(in crate::store) const ALL: &[Statement] = &[TEXTS, OLD, SET, DROP, INDEX, UNINDEX];
}

per_engine! {
    use {
        use super::super::row::Row;
        use super::{body, sql};
        use crate::store::{Engine, Error};
        use uuid::Uuid;
    }

    /// Makes the index hold what the case says now, and nothing of one that is confidential.
    pub(crate) async fn index(conn: &mut Conn, row: &Row) -> Result<(), Error> {
        let old: Option<(String,)> =
            sqlx::query_as(sql::OLD.on(ENGINE)).bind(row.number).fetch_optional(&mut *conn).await?;
        if let Some((old,)) = &old
            && ENGINE == Engine::Sqlite
        {
            sqlx::query(sql::UNINDEX.on(ENGINE)).bind(row.number).bind(old).execute(&mut *conn).await?;
        }
        if row.confidentiality().sealed() {
            sqlx::query(sql::DROP.on(ENGINE)).bind(row.number).execute(conn).await?;
            return Ok(());
        }
        let texts: Vec<(Uuid, String)> =
            sqlx::query_as(sql::TEXTS.on(ENGINE)).bind(row.id).fetch_all(&mut *conn).await?;
        let mut parts = vec![row.folio.as_str(), row.place.as_deref().unwrap_or_default()];
        parts.extend(texts.iter().map(|(_, text)| text.as_str()));
        let body = body(&row.municipality, &parts);
        sqlx::query(sql::SET.on(ENGINE)).bind(row.number).bind(&body).execute(&mut *conn).await?;
        if ENGINE == Engine::Sqlite {
            sqlx::query(sql::INDEX.on(ENGINE)).bind(row.number).bind(body).execute(conn).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_folded_and_places_are_words_too() {
        let body = body("12066", &["Fuga en la CALLE Hidalgo", "¡Año! zqm09002"]);
        assert_eq!(body, "zqm12066 zqs12 fuga en la calle hidalgo ano");
        let query = Query::new("Fuga, CÁLLE", &["12066".to_owned(), "09".to_owned()]).expect("a query");
        assert_eq!(query.sqlite(), "(\"fuga\"* AND \"calle\"*) AND (zqm12066 OR zqs09)");
        assert_eq!(query.postgres(), "'fuga':* & 'calle':* & (zqm12066 | zqs09)");
        assert!(Query::new(" ¿? ", &[]).is_none() && Query::new("zqm09002", &[]).is_none());
    }

    proptest! {
        #[test]
        fn no_text_writes_an_operator(text: String) {
            if let Some(query) = Query::new(&text, &[]) {
                for word in &query.words {
                    prop_assert!(word.chars().all(char::is_alphanumeric), "{word:?}");
                }
            }
        }
    }
}
