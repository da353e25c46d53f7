//! Events of old versions: each reader of the log meets today's form, and what no reader knows is
//! an error and never passed over.

use kernel::catalogue::AggregateInfo;
use kernel::event::Upcaster;
use kernel::log::{Append, Log, NewEvent, ReadError, Receipt, StreamAppend, StreamVersion};
use kernel::projection::Facts as _;
use kernel::{Decider, DomainEvent, Recorded, Text};
use local::TestServers;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::schemas::{aggregates, files};
use cluster_tests::support::counter::{CounterRefusal, context};

/// A meter, whose readings were once whole units, then tenths, and are thousandths today.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Meter {
    thousandths: i64,
    readings: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
enum MeterEvent {
    /// The meter was read.
    MeterReadV3 {
        /// What it showed, in thousandths of a unit.
        thousandths: i64,
        /// Who read it; nobody knows of the oldest readings.
        reader: Option<String>,
    },
    /// The meter was set back to zero.
    MeterReset {},
}

/// The meter was read.
#[derive(Deserialize, JsonSchema)]
struct MeterReadV1 {
    /// What it showed, in whole units.
    units: i64,
}

/// The meter was read.
#[derive(Serialize, Deserialize, JsonSchema)]
struct MeterReadV2 {
    /// What it showed, in tenths of a unit.
    tenths: i64,
}

#[derive(Serialize)]
struct MeterReadV3 {
    thousandths: i64,
    reader: Option<String>,
}

impl From<MeterReadV1> for MeterReadV2 {
    fn from(old: MeterReadV1) -> Self {
        Self { tenths: old.units * 10 }
    }
}

impl From<MeterReadV2> for MeterReadV3 {
    fn from(old: MeterReadV2) -> Self {
        Self { thousandths: old.tenths * 100, reader: None }
    }
}

impl DomainEvent for MeterEvent {
    const UPCASTERS: &'static [Upcaster] = &[
        Upcaster::of::<MeterReadV1, MeterReadV2>("MeterRead", 1),
        Upcaster::of::<MeterReadV2, MeterReadV3>("MeterRead", 2),
    ];

    fn sentence(&self) -> Text {
        match self {
            Self::MeterReadV3 { thousandths, .. } => {
                Text::new(format!("读数 {thousandths}‰"), format!("read {thousandths} thousandths"))
            }
            Self::MeterReset {} => Text::new("归零", "set back to zero"),
        }
    }
}

impl Decider for Meter {
    const AGGREGATE: &'static str = "meter";
    type Command = i64;
    type Event = MeterEvent;
    type Refusal = CounterRefusal;

    fn decide(&self, thousandths: i64) -> Result<Vec<MeterEvent>, CounterRefusal> {
        Ok(vec![MeterEvent::MeterReadV3 { thousandths, reader: None }])
    }

    fn evolve(&mut self, event: MeterEvent) {
        match event {
            MeterEvent::MeterReadV3 { thousandths, .. } => {
                self.thousandths = thousandths;
                self.readings += 1;
            }
            MeterEvent::MeterReset {} => self.thousandths = 0,
        }
    }
}

kernel::facts!(
    enum Meters {
        Meter(Meter),
    }
);

const METER: AggregateInfo = AggregateInfo::of::<Meter>("test");

/// Stores events as programs of their time did: by name, version and text.
async fn store(log: &Log, object_id: &str, events: &[(&str, u32, Value)]) -> Receipt {
    let context = context();
    let events = events.iter().map(|(event_type, event_version, payload)| NewEvent {
        event_id: uuid::Uuid::now_v7(),
        event_type: (*event_type).to_owned(),
        event_version: *event_version,
        payload: payload.to_string(),
    });
    let stream = StreamVersion {
        aggregate: "meter",
        object_id: object_id.to_owned(),
        version: 0,
        after: None,
    };
    log.append(Append {
        metadata: context.metadata,
        request: context.request,
        guards: Vec::new(),
        streams: vec![StreamAppend { stream, events: events.collect() }],
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn every_reader_of_a_log_meets_todays_form_of_old_events() {
    let servers = TestServers::start().await.unwrap();
    let log = Log::open(&servers.postgres_url(), "test").await.unwrap();
    let stored = [
        ("MeterRead", 1, json!({"type": "MeterRead", "units": 3})),
        ("MeterRead", 2, json!({"type": "MeterReadV2", "tenths": 45})),
        ("MeterRead", 3, json!({"type": "MeterReadV3", "thousandths": 5100, "reader": "李雷"})),
    ];
    store(&log, "m", &stored).await;

    let (state, version) = log.load::<Meter>("acme", "m").await.unwrap();
    assert_eq!((state.thousandths, state.readings, version), (5100, 3, 3));

    let events = log.read_after(0, 10).await.unwrap();
    let read = |event: &Recorded| match Meters::of(event).unwrap().unwrap() {
        Meters::Meter(MeterEvent::MeterReadV3 { thousandths, .. }) => thousandths,
        Meters::Meter(MeterEvent::MeterReset {}) => 0,
    };
    assert_eq!(events.iter().map(read).collect::<Vec<_>>(), [3000, 4500, 5100], "projections");

    let told = (METER.tell)(&events).unwrap();
    assert_eq!(told[0].sentence.en, "read 3000 thousandths");
    assert_eq!(told[1].after["thousandths"], 4500);
    assert_eq!((METER.fold)(&events[..2]).unwrap(), json!({"thousandths": 4500, "readings": 2}));
    assert_eq!(events[0].payload, stored[0].2.to_string(), "the record itself stays as it was");
    assert_eq!((events[0].event_version, events[2].event_version), (1, 3));
}

#[tokio::test]
async fn an_event_that_no_reader_knows_is_an_error_everywhere() {
    let servers = TestServers::start().await.unwrap();
    let log = Log::open(&servers.postgres_url(), "test").await.unwrap();
    let unknown = [
        ("newer", "MeterRead", 4, json!({"type": "MeterReadV4", "micros": 1})),
        ("other", "MeterMelted", 1, json!({"type": "MeterMelted"})),
        ("broken", "MeterRead", 1, json!({"type": "MeterRead", "units": "three"})),
    ];
    for (object, event_type, version, payload) in unknown {
        store(&log, object, &[(event_type, version, payload)]).await;
        let failed = log.load::<Meter>("acme", object).await.unwrap_err();
        assert!(matches!(failed, ReadError::Unreadable { .. }), "{object}: {failed}");
    }
    for event in log.read_after(0, 10).await.unwrap() {
        assert!(Meters::of(&event).is_err(), "a projection must not pass over {event:?}");
        assert!((METER.tell)(std::slice::from_ref(&event)).is_err());
        assert!((METER.fold)(std::slice::from_ref(&event)).is_err());
        assert!((METER.parses)(&event.payload).is_err());
    }
}

#[test]
fn old_versions_keep_their_schemas() {
    let schemas = METER.schemas();
    let versions: Vec<_> =
        schemas.iter().map(|one| (one.event_type.as_str(), one.event_version)).collect();
    assert_eq!(versions, [("MeterRead", 3), ("MeterReset", 1), ("MeterRead", 1), ("MeterRead", 2)]);
    let first = &schemas[2];
    assert_eq!(first.description, "The meter was read.");
    assert_eq!(first.document["properties"]["type"]["const"], "MeterRead");
    assert_eq!(first.document["required"], json!(["type", "units"]));
    assert_eq!(first.document["$id"], "urn:qudao:event:test:meter:MeterRead:v1");
    let second = &schemas[3].document;
    assert_eq!(second["properties"]["type"]["const"], "MeterReadV2");
}

/// A program of before reads what a program of today writes with one field more.
#[test]
fn readers_pass_over_fields_that_they_do_not_know() {
    for (folder, aggregate) in aggregates() {
        for name in files(&folder.join("examples")) {
            let text = std::fs::read_to_string(folder.join("examples").join(&name)).unwrap();
            let mut event: Value = serde_json::from_str(&text).unwrap();
            event["a_field_of_tomorrow"] = json!({"deep": [1, 2]});
            let read = (aggregate.parses)(&event.to_string());
            read.unwrap_or_else(|error| panic!("{name} with a field more: {error}"));
            event["type"] = "AnEventOfTomorrow".into();
            assert!((aggregate.parses)(&event.to_string()).is_err(), "{name}");
        }
    }
}
