//! One transfer and several names for it: it counts once, and whoever claims it is seen.

use super::*;

use cluster_tests::support::funds::reported;
use cluster_tests::support::shop::open_account;

/// Told of again with this reference, money is not confirmed again.
async fn is_used(owner: &User, checker: &User, reference: &str) {
    let (again, _) = sent(owner, reference, 50_000).await;
    let no = why(confirm(checker, &again).await);
    assert_eq!(no, "REFERENCE_USED", "{reference}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_counts_once_whatever_it_was_reported_or_matched_under() {
    let system = System::start().await;
    let (_, owner, checker) = settled(&system, false).await;
    let importer = system.somebody("li.na", Role::Finance);
    let mut told = Vec::new();
    for (n, amount) in [(1, 50_000), (2, 50_000), (3, 50_000), (4, 49_000)] {
        told.push(sent(&owner, &format!("TYPO 000{n}"), 50_000).await.0);
        import(&importer, &format!("ICBC 100{n}"), amount).await.unwrap();
    }
    let position = import(&importer, "ICBC 9999", 1).await.unwrap().position;
    let lines = listed(&checker, position).await;
    for (n, remittance_id) in (1..).zip(&told) {
        let line = &lines[&format!("ICBC 100{n}")];
        assert_eq!(line.status(), BankLineStatus::Open, "{line:?}");
        propose(&checker, line, remittance_id).await.unwrap();
    }
    // Where remittances are confirmed, the line that was proposed is the money.
    confirm(&checker, &told[0]).await.unwrap();
    assert_eq!(why(reopen(&checker, &lines["ICBC 1001"]).await), "LINE_MATCHED");
    assert_eq!(why(assign(&checker, &lines["ICBC 1001"]).await), "LINE_MATCHED");
    // Where lines are, too.
    let line = BankLine { remittance_id: told[1].clone(), ..lines["ICBC 1002"].clone() };
    matches(&checker, &line).await.unwrap();
    for reference in ["TYPO 0001", "ICBC 1001", "TYPO 0002", "ICBC 1002"] {
        is_used(&owner, &checker, reference).await;
    }
    // Rejected: the line is nobody's again.
    reject(&checker, &told[2]).await;
    // Of another amount: it is shown to differ, and is not assigned as other money.
    let position = confirm(&checker, &told[3]).await.unwrap().position;
    let lines = listed(&checker, position).await;
    assert_eq!(lines["ICBC 1001"].status(), BankLineStatus::Matched);
    assert_eq!(lines["ICBC 1003"].status(), BankLineStatus::Open);
    let differs = &lines["ICBC 1004"];
    assert_eq!((differs.status(), &differs.remittance_id), (BankLineStatus::Differs, &told[3]));
    assert_eq!(why(assign(&checker, differs).await), "REFERENCE_USED");
    // The bank has a line of the mistyped reference after all: it is shown beside the money that was
    // reported so, and a person says that it is another transfer.
    let position = import(&importer, "TYPO 0002", 50_000).await.unwrap().position;
    let line = &listed(&checker, position).await["TYPO 0002"];
    assert_eq!((line.status(), &line.remittance_id), (BankLineStatus::Differs, &told[1]));
    let position = assign(&checker, line).await.unwrap().position;
    is_used(&owner, &checker, "TYPO 0002").await;
    let prepaid = funds(&owner, "hengtong", position).await.unwrap().prepaid.unwrap();
    assert_eq!(prepaid.balance_minor, 4 * 50_000);
    conserved(&owner, &checker, position).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_that_two_dealers_claim_is_in_doubt_until_a_person_decides() {
    let system = System::start().await;
    let (admin, owner, checker) = settled(&system, false).await;
    open_account(&admin, "lixin").await;
    let other = system.user("acme", &[Role::DealerOwner], Some("lixin"));
    let importer = system.somebody("li.na", Role::Finance);
    let claims = async |reference: &str| {
        let claim = report("lixin", RemittancePurpose::TopUp, 30_000, reference);
        reported(&other, claim).await.unwrap()
    };
    // Its line is there before both claims, and after them.
    import(&importer, "ICBC 2001", 30_000).await.unwrap();
    let (first, _) = sent(&owner, "ICBC 2001", 30_000).await;
    let second = claims("icbc-2001").await;
    let early = claims("ICBC 2002").await;
    let (late, _) = sent(&owner, "ICBC 2002", 30_000).await;
    let position = import(&importer, "ICBC 2002", 30_000).await.unwrap().position;
    let lines = listed(&checker, position).await;
    let is = |reference: &str| {
        let line = &lines[reference];
        let pair = (line.remittance_id.as_str(), line.rival_remittance_id.as_str());
        (line.status(), pair)
    };
    assert_eq!(is("ICBC 2001"), (BankLineStatus::Differs, (second.as_str(), first.as_str())));
    assert_eq!(is("ICBC 2002"), (BankLineStatus::Differs, (early.as_str(), late.as_str())));
    for line in lines.values() {
        assert_eq!(why(matches(&checker, line).await), "LINE_NOT_PROPOSED");
    }
    // Whichever of both is rejected, the other one is proposed.
    reject(&checker, &second).await;
    let position = reject(&checker, &late).await;
    let lines = listed(&checker, position).await;
    for (reference, remittance_id) in [("ICBC 2001", &first), ("ICBC 2002", &early)] {
        let line = &lines[reference];
        assert_eq!((line.status(), &line.remittance_id), (BankLineStatus::Proposed, remittance_id));
        assert_eq!(line.rival_remittance_id, "");
        matches(&checker, line).await.unwrap();
    }
}
