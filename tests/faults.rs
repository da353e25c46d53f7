//! Rows of the fault suite at their smallest size.

use cluster_tests::chaos::row::{Outcome, Run};
use cluster_tests::chaos::{ROWS, child};

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
async fn f28_the_kernel_simulated() {
    holds("F28").await;
}

#[tokio::test]
async fn f7_one_of_three_servers_is_lost() {
    holds("F7").await;
}

#[tokio::test]
async fn f9_a_stream_is_lost() {
    holds("F9").await;
}

#[tokio::test]
async fn f11_a_projection_is_slow() {
    holds("F11").await;
}

#[tokio::test]
async fn f12_facts_come_more_than_once() {
    holds("F12").await;
}

#[tokio::test]
async fn f13_facts_come_in_any_order() {
    holds("F13").await;
}

#[tokio::test]
async fn f14_facts_are_published_again() {
    holds("F14").await;
}

#[tokio::test]
async fn f18_facts_that_can_not_be_applied() {
    holds("F18").await;
}

#[tokio::test]
async fn f19_half_done_and_checkpoints_of_another_log() {
    holds("F19").await;
}

#[tokio::test]
async fn f20_a_log_that_was_restored() {
    holds("F20").await;
}

#[tokio::test]
async fn f22_logs_are_folded_again() {
    holds("F22").await;
}

#[tokio::test]
async fn f23_read_models_are_filled_anew_under_load() {
    holds("F23").await;
}

#[tokio::test]
async fn f25_a_log_that_somebody_has_worked_on() {
    holds("F25").await;
}

/// This program once more: rows that end a process, or need one of another kind, start it.
#[tokio::test]
async fn a_process_that_does_what_it_is_told() {
    child::obey().await;
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
