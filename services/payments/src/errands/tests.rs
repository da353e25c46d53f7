use std::collections::HashMap;

use chrono::TimeDelta;
use kernel::clock;
use local::TestServers;
use sqlx::PgPool;

use super::{Desk, Errand, Errands};

/// Errands that have been due since so many seconds.
async fn due(db: &PgPool, tenant: &str, provider: &str, seconds: std::ops::Range<i64>) {
    for ago in seconds {
        sqlx::query(
            "INSERT INTO payment_errands (tenant_id, payment_id, refund_id, order_id, provider,
                 scene, amount_minor, expires_at, created_at, step, next_at)
             VALUES ($1, $2, '', 'SO-1', $3, 'code', 100, now(), now(), 'look_up', $4)",
        )
        .bind(tenant)
        .bind(format!("{provider}-{ago}"))
        .bind(provider)
        .bind(clock::now() - TimeDelta::seconds(ago))
        .execute(db)
        .await
        .unwrap();
    }
}

fn how_many(taken: &[Errand]) -> HashMap<(&str, &str), usize> {
    let mut counts = HashMap::new();
    for Errand { tenant_id, provider, .. } in taken {
        *counts.entry((tenant_id.as_str(), provider.as_str())).or_default() += 1;
    }
    counts
}

/// When a provider hangs it does so for all brands: together they leave room to the other one.
#[tokio::test]
async fn a_provider_that_hangs_for_many_brands_leaves_room_to_others() {
    let servers = TestServers::start().await.unwrap();
    let db = PgPool::connect(&servers.postgres_url()).await.unwrap();
    sqlx::raw_sql(include_str!("../../migrations/tables.sql")).execute(&db).await.unwrap();
    for brand in 0..5 {
        due(&db, &format!("brand-{brand}"), "wechat_pay", 100..112).await;
    }
    due(&db, "brand-4", "alipay", 1..4).await;
    let errands = Errands(db);
    let first = errands.take(clock::now(), 32, &HashMap::new()).await.unwrap();
    let counts = how_many(&first);
    assert_eq!(counts[&("brand-4", "alipay")], 3, "{counts:?}");
    assert_eq!(first.len(), 16 + 3, "{counts:?}");
    let fair = counts.values().all(|count| (3..=4).contains(count));
    assert!(fair, "each brand has as much as the others: {counts:?}");

    // While those are under way no more is asked of their provider, and the other one is.
    let mut under_way = HashMap::<Desk, i64>::new();
    for errand in first.iter().filter(|errand| errand.provider == "wechat_pay") {
        *under_way.entry(errand.into()).or_default() += 1;
    }
    due(&errands.0, "brand-0", "alipay", 1..2).await;
    let next = errands.take(clock::now(), 13, &under_way).await.unwrap();
    assert_eq!(how_many(&next), HashMap::from([(("brand-0", "alipay"), 1)]));
    // One brand alone has no more than its own share.
    let alone =
        HashMap::from([(Desk { tenant_id: "brand-1".into(), provider: "wechat_pay".into() }, 8)]);
    let next = errands.take(clock::now(), 32, &alone).await.unwrap();
    assert!(next.len() == 8 && next.iter().all(|it| it.tenant_id != "brand-1"), "{next:?}");
}
