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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f4_writers_race_for_the_head_of_the_log() {
    holds("F4").await;
}

#[tokio::test]
async fn f5_the_lock_of_the_head_is_held() {
    holds("F5").await;
}

#[tokio::test]
async fn f6_nats_killed() {
    holds("F6").await;
}
