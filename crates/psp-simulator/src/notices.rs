//! What a simulator sends on its own, and how often: until it is acknowledged, at the hours that
//! each provider has for it.

mod alipay;
mod wechat;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, Request};
use kernel::clock;
use psp::Provider;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::books::{Payment, Refunded, Sent};
use crate::control::Misbehaviour;
use crate::world::World;
pub(crate) use wechat::signed;

/// Seconds between the times that WeChat Pay sends a notice.
const WECHAT_S: [u64; 15] = [
    15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600,
];
/// Seconds between the times that Alipay sends one.
const ALIPAY_S: [u64; 7] = [240, 600, 600, 3_600, 7_200, 21_600, 54_000];
/// Longest wait of a notice for the next one.
const HELD: Duration = Duration::from_secs(2);

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A payment was paid.
    Paid,
    /// A refund was done, or failed.
    Refund,
}

/// A notice before it is written.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) notice_id: String,
    pub(crate) payment: Payment,
    pub(crate) refund: Option<Refunded>,
    pub(crate) url: String,
}

/// A notice as it is sent.
pub(crate) struct Written {
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: String,
}

/// Sends a notice in the background, where somebody wants it.
pub(crate) fn tell(
    world: &Arc<World>,
    payment: &Payment,
    refund: Option<Refunded>,
    subject: Subject,
    url: String,
) {
    let manners = world.manners();
    if manners.silent || url.is_empty() || (subject == Subject::Refund) != refund.is_some() {
        return;
    }
    let notice_id = match payment.provider {
        Provider::WechatPay => Uuid::new_v4().to_string(),
        Provider::Alipay => Uuid::new_v4().simple().to_string(),
    };
    let draft = Draft { notice_id, payment: payment.clone(), refund, url };
    world.books().all.notices.push(Sent {
        notice_id: draft.notice_id.clone(),
        provider: payment.provider,
        payment_id: payment.payment_id.clone(),
        refund_id: draft.refund.as_ref().map(|refund| refund.refund_id.clone()),
        url: draft.url.clone(),
        made_at: clock::now(),
        times: 0,
        last_answer: None,
        is_acknowledged: false,
        is_over: false,
    });
    let world = Arc::clone(world);
    tokio::spawn(async move {
        let stop = world.stop.clone();
        tokio::select! {
            () = deliver(&world, &draft, &manners) => {}
            () = stop.cancelled() => {}
        }
    });
}

async fn deliver(world: &Arc<World>, draft: &Draft, manners: &Misbehaviour) {
    let mut number = 0;
    world.made.send_modify(|made| {
        *made += 1;
        number = *made;
    });
    if manners.shuffled && !number.is_multiple_of(2) {
        let before = *world.sent.borrow();
        let (mut made, mut sent) = (world.made.subscribe(), world.sent.subscribe());
        let next = async {
            // The next one was made, and one has arrived since.
            let made = made.wait_for(|made| *made > number).await.is_ok();
            made && sent.wait_for(|sent| *sent > before).await.is_ok()
        };
        let _ = tokio::time::timeout(HELD, next).await;
    }
    tokio::time::sleep(Duration::from_millis(manners.delay_ms)).await;
    let pauses: &[u64] = match draft.payment.provider {
        Provider::WechatPay => &WECHAT_S,
        Provider::Alipay => &ALIPAY_S,
    };
    let mut pauses = pauses.iter().map(|seconds| Duration::from_secs(*seconds));
    loop {
        let is_acknowledged = send(world, draft, manners).await;
        world.sent.send_modify(|sent| *sent += 1);
        if is_acknowledged {
            break;
        }
        let Some(pause) = pauses.next() else { break };
        tokio::time::sleep(world.hastened(pause)).await;
    }
    note(world, draft, |sent| sent.is_over = true);
}

/// Sends all copies at once; whether one was acknowledged.
async fn send(world: &Arc<World>, draft: &Draft, manners: &Misbehaviour) -> bool {
    let mut copies = JoinSet::new();
    for _ in 0..manners.copies.max(1) {
        let (world, draft, manners) = (Arc::clone(world), draft.clone(), manners.clone());
        copies.spawn(async move { send_one(&world, &draft, &manners).await });
    }
    let answers = copies.join_all().await;
    answers.into_iter().any(|is_acknowledged| is_acknowledged)
}

async fn send_one(world: &World, draft: &Draft, manners: &Misbehaviour) -> bool {
    let provider = draft.payment.provider;
    let written = match provider {
        Provider::WechatPay => wechat::write(world, draft, manners),
        Provider::Alipay => alipay::write(world, draft, manners),
    };
    let Some(written) = written else { return false };
    let mut request = Request::builder().method(Method::POST).uri(&draft.url);
    if let Some(headers) = request.headers_mut() {
        headers.extend(written.headers);
    }
    let answer = match request.body(written.body.into_bytes()) {
        Ok(request) => world.outbound.ask(request).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let is_acknowledged = answer.as_ref().is_ok_and(|answer| match provider {
        Provider::WechatPay => matches!(answer.status().as_u16(), 200 | 204),
        Provider::Alipay => answer.status().is_success() && answer.body() == b"success",
    });
    let told = match answer {
        Ok(answer) => answer.status().as_u16().to_string(),
        Err(error) => error,
    };
    note(world, draft, |sent| {
        sent.times += 1;
        sent.last_answer = Some(told);
        sent.is_acknowledged |= is_acknowledged;
    });
    is_acknowledged
}

fn note(world: &World, draft: &Draft, change: impl FnOnce(&mut Sent)) {
    let mut books = world.books();
    let mut notices = books.all.notices.iter_mut();
    if let Some(sent) = notices.find(|sent| sent.notice_id == draft.notice_id) {
        change(sent);
    }
}
