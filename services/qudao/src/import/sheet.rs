//! A CSV file as rows of text, whatever its encoding, one row at a time.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, bail};
use csv::StringRecord;
use encoding_rs::{DecoderResult, GB18030, UTF_8};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use super::mapping::Columns;

pub(crate) struct Sheet {
    reader: csv::Reader<DecodeReaderBytes<File, Vec<u8>>>,
    places: Places,
}

/// Where the columns are.
struct Places {
    width: usize,
    order_id: usize,
    line_no: usize,
    business_date: usize,
    quantity: usize,
    unit_price: usize,
    line_total: usize,
    product: usize,
    categories: Vec<usize>,
    dealer: usize,
    city: usize,
    region: usize,
}

/// A row as it stands in the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawRow {
    pub(crate) line: u64,
    pub(crate) order_id: String,
    pub(crate) line_no: String,
    pub(crate) business_date: String,
    pub(crate) quantity: String,
    pub(crate) unit_price: String,
    pub(crate) line_total: String,
    pub(crate) product: String,
    pub(crate) categories: Vec<String>,
    pub(crate) dealer: String,
    pub(crate) city: String,
    pub(crate) region: String,
}

/// A row that is no row; the order it belongs to is known when that column could be read.
#[derive(Clone, Debug)]
pub(crate) struct Unreadable {
    pub(crate) line: u64,
    pub(crate) order_id: Option<String>,
    pub(crate) reason: String,
}

impl Sheet {
    pub(crate) fn open(path: &Path, names: &Columns) -> anyhow::Result<Self> {
        let open = || File::open(path).with_context(|| format!("cannot read {}", path.display()));
        let encoding = if is_utf8(open()?)? { UTF_8 } else { GB18030 };
        // A byte order mark goes before what we found out.
        let text = DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding))
            .bom_override(true)
            .strip_bom(true)
            .build(open()?);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
        let header = reader.headers().context("the header line cannot be read")?.clone();
        Ok(Self { places: Places::find(&header, names)?, reader })
    }

    /// The next row; none at the end.
    pub(crate) fn next(&mut self) -> Option<Result<RawRow, Unreadable>> {
        let mut record = StringRecord::new();
        match self.reader.read_record(&mut record) {
            Ok(false) => None,
            Ok(true) => Some(self.row(&record)),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                Some(Err(Unreadable { line, order_id: None, reason: error.to_string() }))
            }
        }
    }

    fn row(&self, record: &StringRecord) -> Result<RawRow, Unreadable> {
        let line = record.position().map_or(0, csv::Position::line);
        let places = &self.places;
        let text = |place: usize| record.get(place).unwrap_or_default().trim().to_owned();
        let problem = if record.len() != places.width {
            Some(format!("has {} fields, the header has {}", record.len(), places.width))
        } else if record.iter().any(|field| field.contains('\u{fffd}')) {
            Some("has bytes that are neither UTF-8 nor GBK".to_owned())
        } else {
            None
        };
        if let Some(reason) = problem {
            let order_id = Some(text(places.order_id)).filter(|id| !id.is_empty());
            return Err(Unreadable { line, order_id, reason });
        }
        Ok(RawRow {
            line,
            order_id: text(places.order_id),
            line_no: text(places.line_no),
            business_date: text(places.business_date),
            quantity: text(places.quantity),
            unit_price: text(places.unit_price),
            line_total: text(places.line_total),
            product: text(places.product),
            categories: places.categories.iter().map(|&place| text(place)).collect(),
            dealer: text(places.dealer),
            city: text(places.city),
            region: text(places.region),
        })
    }
}

impl Places {
    fn find(header: &StringRecord, names: &Columns) -> anyhow::Result<Self> {
        let place = |name: &String| match header.iter().position(|column| column.trim() == name) {
            Some(place) => Ok(place),
            None => bail!(
                "the file has no column {name}; it has {}",
                header.iter().collect::<Vec<_>>().join(", ")
            ),
        };
        Ok(Self {
            width: header.len(),
            order_id: place(&names.order_id)?,
            line_no: place(&names.line_no)?,
            business_date: place(&names.business_date)?,
            quantity: place(&names.quantity)?,
            unit_price: place(&names.unit_price)?,
            line_total: place(&names.line_total)?,
            product: place(&names.product)?,
            categories: names.categories.iter().map(place).collect::<Result<_, _>>()?,
            dealer: place(&names.dealer)?,
            city: place(&names.city)?,
            region: place(&names.region)?,
        })
    }
}

/// Whether the whole file is UTF-8; read in pieces, as files can be large.
fn is_utf8(mut file: File) -> anyhow::Result<bool> {
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let (mut bytes, mut text) = (vec![0; 64 << 10], vec![0; 256 << 10]);
    loop {
        let count = file.read(&mut bytes)?;
        let (result, _, _) =
            decoder.decode_to_utf8_without_replacement(&bytes[..count], &mut text, count == 0);
        match result {
            DecoderResult::InputEmpty if count == 0 => return Ok(true),
            DecoderResult::InputEmpty => {}
            DecoderResult::Malformed(..) => return Ok(false),
            DecoderResult::OutputFull => bail!("a piece of text grew on decoding"),
        }
    }
}
