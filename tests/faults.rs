//! Rows of the fault suite at their smallest size.

use cluster_tests::chaos::ROWS;
use cluster_tests::chaos::row::{Outcome, Run};

async fn holds(id: &str) {
    let row = ROWS.iter().find(|row| row.id == id).expect("the row is listed");
    match (row.run)(Run::small()).await {
        Outcome::Passed { figures } => println!("{id}: {figures:?}"),
        Outcome::Skipped { why } => println!("{id} skipped: {why}"),
        Outcome::Failed { violation } => panic!("{id}: {violation}"),
    }
}

#[tokio::test]
async fn f1_ended_at_every_place() {
    holds("F1").await;
}

#[tokio::test]
async fn f2_postgresql_ended() {
    holds("F2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f3_power_of_postgresql_cut() {
    holds("F3").await;
}

#[tokio::test]
async fn f6_nats_killed() {
    holds("F6").await;
}

#[tokio::test]
async fn f8_power_of_nats_cut() {
    holds("F8").await;
}

#[tokio::test]
async fn f15_wrong_clocks() {
    holds("F15").await;
}

#[tokio::test]
async fn f16_a_hot_limit() {
    holds("F16").await;
}

#[tokio::test]
async fn f21_two_releases_together() {
    holds("F21").await;
}

#[tokio::test]
async fn f24_replay_cut_short() {
    holds("F24").await;
}

#[tokio::test]
async fn f27_stopped_in_good_order() {
    holds("F27").await;
}
