//! How a trace becomes a tree.

use super::*;

fn fixture() -> Vec<Span> {
    read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/traces.jsonl"))).unwrap()
}

#[test]
fn a_command_is_followed_to_its_projections() {
    let text = Tree::new("aa", fixture()).text();

    let tree: Vec<&str> =
        text.lines().skip(2).map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(tree[0], "SubmitOrder");
    assert!(text.contains("└─ order.v1.OrderService/SubmitOrder"), "{text}");
    assert!(text.contains("   ├─ append"), "{text}");
    assert!(text.contains("event=OrderSubmitted position=7"), "{text}");
    assert!(text.contains("↪ project"), "{text}");
    assert!(text.contains("position=7 projection=sales"), "{text}");
    assert!(text.contains("12.5 ms"), "{text}");
}

#[test]
fn the_last_trace_is_the_one_that_began_last() {
    assert_eq!(last(&fixture(), |_| true).unwrap(), "bb");
    assert_eq!(last(&fixture(), is_command).unwrap(), "aa");
    assert_eq!(last(&fixture(), |span| span.name == "nothing"), None);
}

#[test]
fn a_trace_is_found_by_how_its_id_starts() {
    assert_eq!(starting_with(&fixture(), "A").unwrap(), "aa");
    assert!(starting_with(&fixture(), "c").is_err());
    assert!(starting_with(&fixture(), "").is_err());
}

#[test]
fn a_circle_in_broken_data_ends() {
    let mut spans = fixture();
    spans.retain(|span| span.trace_id == "aa");
    let first = spans[0].span_id.clone();
    let second = spans[1].span_id.clone();
    spans[0].parent_span_id = second;
    spans[1].parent_span_id = first;

    assert!(Tree::new("aa", spans).text().contains("trace aa"));
}

#[test]
fn durations_read_well() {
    assert_eq!([950, 12_345, 4_561_000].map(duration), ["950 µs", "12.3 ms", "4.56 s"]);
}
