//! The filter of a list, as it is written: `state:open label:bache words of the text`.

use cabildo_staff_api::case::CaseQuery;

use crate::safe::SafeText;

/// Words that may stand before a colon.
const FIELDS: &[&str] = &["state", "municipality", "category", "office", "label", "assignee", "priority"];

/// Reads a filter.
///
/// # Errors
/// The word before a colon that there is not.
pub fn read(text: &SafeText) -> Result<CaseQuery, SafeText> {
    let mut query = CaseQuery::default();
    let mut words = Vec::new();
    for part in text.as_str().split_whitespace() {
        let Some((field, value)) = part.split_once(':') else {
            words.push(part);
            continue;
        };
        let value = Some(value.to_owned()).filter(|it| !it.is_empty());
        match field {
            "state" => query.state = value,
            "municipality" => query.municipality = value,
            "category" => query.category = value,
            "office" => query.office = value,
            "label" => query.label = value,
            "assignee" => query.assignee = value,
            "priority" => query.priority = value,
            other => return Err(SafeText::line(other)),
        }
    }
    query.search = Some(words.join(" ")).filter(|it| !it.is_empty());
    Ok(query)
}

/// The words that there are, to be named in an error.
pub fn fields() -> SafeText {
    SafeText::line(&FIELDS.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_as_it_is_written() {
        let query = read(&SafeText::own("state:open,answered label:bache tubo roto")).expect("a filter");
        assert_eq!(query.state.as_deref(), Some("open,answered"));
        assert_eq!(query.label.as_deref(), Some("bache"));
        assert_eq!(query.search.as_deref(), Some("tubo roto"));
        assert!(read(&SafeText::default()).is_ok_and(|it| it == CaseQuery::default()));
        assert_eq!(read(&SafeText::own("colour:red")).expect_err("unknown").as_str(), "colour");
        for field in FIELDS {
            assert!(read(&SafeText::line(&format!("{field}:x"))).is_ok(), "{field}");
        }
    }
}
