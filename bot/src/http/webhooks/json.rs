//! JSON within limits.

/// JSON may be nested this deep.
const DEEPEST: usize = 64;

/// Reads JSON that is nested at most 64 deep; `None` for everything else.
pub(super) fn parse<J: serde::de::DeserializeOwned>(json: &[u8]) -> Option<J> {
    if deeper_than(json, DEEPEST) { None } else { serde_json::from_slice(json).ok() }
}

/// Whether JSON is nested deeper than `most`, without parsing it.
fn deeper_than(json: &[u8], most: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::deeper_than;

    #[test]
    fn depth_is_counted_outside_texts() {
        assert!(deeper_than("[".repeat(65).as_bytes(), 64));
        assert!(!deeper_than("[".repeat(64).as_bytes(), 64));
        assert!(!deeper_than(br#"{"a":"[[[[\"[[[["}"#, 1));
    }
}
