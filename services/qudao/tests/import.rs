//! The import command as people meet it: what it prints, and how it ends. Needs no server.

use std::path::Path;
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn dry_run(file: &str, more: &[&str]) -> Output {
    let demo = Path::new(ROOT).join("../../deploy/demo");
    Command::new(env!("CARGO_BIN_EXE_qudao"))
        .args(["import", "orders", "--dry-run", "--mapping"])
        .arg(demo.join("bike_sales.toml"))
        .arg(Path::new(ROOT).join(file))
        .args(more)
        .env_remove("QUDAO_SERVER")
        .output()
        .expect("the program was built for this test")
}

#[test]
fn a_dry_run_of_the_demonstration_tells_its_totals() {
    let output = dry_run("../../deploy/demo/bike_sales.csv", &["--json"]);

    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{report}");
    assert_eq!(report["totals"]["gross_minor"], 1_129_288_500_i64);
    assert_eq!(report["totals"]["quantity"], 3_268);
    assert_eq!(report["totals"]["orders"], 322);
    assert_eq!(report["steps"][1]["planned"], 30);
    assert_eq!(report["bad"], 0);
}

#[test]
fn bad_rows_end_in_exit_code_1_and_are_told_by_line() {
    let output = dry_run("tests/data/bad_rows.csv", &[]);

    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("line 6, column total_price: 200 × 3 is not 500"), "{text}");
    assert!(text.contains("bad rows: 11 of 17; orders left out as a whole: 10"), "{text}");
}

#[test]
fn every_command_has_examples() {
    let help = |path: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qudao"));
        let output = command.args(path).arg("--help").output();
        let output = output.expect("the program was built for this test");
        String::from_utf8(output.stdout).expect("help is text")
    };
    let commands: [&[&str]; 25] = [
        &["query", "sales"],
        &["stream", "status"],
        &["projections", "list"],
        &["projections", "rebuild"],
        &["projections", "compare"],
        &["projections", "pause"],
        &["projections", "resume"],
        &["projections", "cancel"],
        &["parked", "list"],
        &["parked", "show"],
        &["parked", "retry"],
        &["parked", "skip"],
        &["projections", "watch"],
        &["history"],
        &["replay"],
        &["orders", "list"],
        &["orders", "show"],
        &["orders", "submit"],
        &["orders", "confirm"],
        &["orders", "ship"],
        &["orders", "receive"],
        &["orders", "cancel"],
        &["import", "orders"],
        &["demo", "load"],
        &["trace"],
    ];
    for command in commands {
        assert!(help(command).contains("Example"), "{command:?}");
    }
}
