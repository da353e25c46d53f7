//! Goods of a cart as rows of CSV text: product and base units.

use std::path::Path;

use anyhow::{Context as _, bail};
use encoding_rs::GB18030;
use proto::order::v1::CartLine;

/// Rows of a file, or of what is piped in where it is `-`; UTF-8 or GBK.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<CartLine>> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
        bytes
    } else {
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(other) => GB18030.decode(other.as_bytes()).0.into_owned(),
    };
    parse(text.trim_start_matches('\u{feff}'))
}

/// Rows of text, with or without a header line; what stands there twice is added up.
///
/// # Errors
/// With all rows that are wrong, by their numbers.
fn parse(text: &str) -> anyhow::Result<Vec<CartLine>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let (mut lines, mut wrong): (Vec<CartLine>, Vec<String>) = (Vec::new(), Vec::new());
    for (index, row) in reader.records().enumerate() {
        let row = row.context("this is no CSV text")?;
        let (product, quantity) = (row.get(0).unwrap_or_default(), row.get(1).unwrap_or_default());
        match quantity.parse::<u32>() {
            Ok(quantity) if quantity > 0 && !product.is_empty() => {
                let known = lines.iter_mut().find(|line| line.product_id == product);
                match known {
                    Some(line) => line.quantity = line.quantity.saturating_add(quantity),
                    None => lines.push(CartLine { product_id: product.to_owned(), quantity }),
                }
            }
            // The names of the columns.
            Err(_) if index == 0 && !quantity.starts_with(|sign: char| sign.is_ascii_digit()) => {}
            _ => {
                let line = row.position().map_or(0, csv::Position::line);
                wrong.push(format!("line {line}: write PRODUCT,QUANTITY, for example trail-1,2"));
            }
        }
    }
    if wrong.is_empty() { Ok(lines) } else { bail!("{}", wrong.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, u32)> {
        let lines = parse(text).unwrap();
        lines.into_iter().map(|line| (line.product_id, line.quantity)).collect()
    }

    #[test]
    fn rows_have_a_product_and_a_quantity_and_are_added_up() {
        let text = "product,quantity,note\ntea-500, 24,急\n\ncola-330,6\ntea-500,1\n";
        assert_eq!(told(text), [("tea-500".to_owned(), 25), ("cola-330".to_owned(), 6)]);
        assert_eq!(told("tea-500,1"), [("tea-500".to_owned(), 1)]);
        assert_eq!(told(""), []);
    }

    #[test]
    fn all_rows_that_are_wrong_are_told_at_once() {
        let error = parse("a,1\nb,x\nc\n,4\nd,0\n1,-1").unwrap_err().to_string();
        let lines: Vec<_> = error.lines().map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!(lines, ["line 2", "line 3", "line 4", "line 5", "line 6"], "{error}");
        assert!(parse("tea-500,0").is_err(), "the first row is no header when it has a number");
    }
}
