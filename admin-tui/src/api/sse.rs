//! Server-sent events, read piece by piece as they arrive.

/// One block of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its `id`.
    pub id: Option<i64>,
    /// Its `data`, lines joined.
    pub data: String,
}

/// The longest line that is kept; more is no event of ours.
const LONGEST: usize = 64 * 1024;

/// Takes bytes, gives whole blocks.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    block: Block,
    begun: bool,
}

impl Reader {
    /// The blocks that end within these bytes.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Block> {
        let mut blocks = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                if self.line.len() < LONGEST {
                    self.line.push(byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                if std::mem::take(&mut self.begun) {
                    blocks.push(std::mem::take(&mut self.block));
                }
                continue;
            }
            self.begun = true;
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => self.block.id = value.parse().ok().or(self.block.id),
                "data" => {
                    if !self.block.data.is_empty() {
                        self.block.data.push('\n');
                    }
                    self.block.data.push_str(value);
                }
                _ => {}
            }
        }
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_whole_however_the_bytes_are_cut() {
        let stream = b"event: case_opened\nid: 7\ndata: {\"a\":\ndata: 1}\n\n: here\nid: 9\n\n";
        for cut in 1..stream.len() {
            let mut reader = Reader::default();
            let mut blocks = reader.take(&stream[..cut]);
            blocks.extend(reader.take(&stream[cut..]));
            assert_eq!(
                blocks,
                [
                    Block { id: Some(7), data: "{\"a\":\n1}".to_owned() },
                    Block { id: Some(9), data: String::new() }
                ],
                "{cut}"
            );
        }
    }
}
