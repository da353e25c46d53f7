//! What followed from one request of the outside world, through all contexts: a tree of causes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::failure::{Violations, read_failed, status};
use kernel::{Recorded, Text};
use proto::history::v1 as pb;
use sqlx::Row as _;
use tonic::{Code, Status};
use uuid::Uuid;

use super::HistoryApi;
use super::people::{Names, Shown};
use crate::models::event_index;
use crate::read::failed;

/// Most events of a tree.
const MOST: usize = 1_000;

impl HistoryApi {
    /// See [`pb::GetCausationTreeRequest`].
    pub(crate) async fn tree(
        &self,
        tenant: &str,
        request: &pb::GetCausationTreeRequest,
    ) -> Result<pb::GetCausationTreeResponse, Status> {
        let mut violations = Violations::default();
        let bad = |_| Text::new("必须是 UUID", "must be a UUID");
        let id = violations.take("id", Uuid::parse_str(&request.id).map_err(bad));
        let id = violations.finish(id)?;
        let mut correlation = id;
        let mut events = self.story(tenant, correlation).await?;
        if events.is_empty()
            && let Some(event) = self.event(tenant, id).await?
        {
            correlation = event.metadata.correlation_id;
            events = self.story(tenant, correlation).await?;
        }
        if events.is_empty() {
            return Err(status(
                Code::NotFound,
                "NO_SUCH_STORY",
                &Text::new(
                    format!("没有关联编号或事件编号为“{id}”的事件"),
                    format!("no event has {id} as its correlation id or its id"),
                ),
            ));
        }
        let truncated = events.len() > MOST;
        events.truncate(MOST);
        let names = self.names(tenant, &events).await?;
        let mut words = HashMap::with_capacity(events.len());
        for revealed in self.revealed(tenant, &events).await? {
            let sentence = self.sentence(&revealed.event)?;
            words.insert(revealed.event.event_id, (sentence, revealed.shown));
        }
        let nodes = grown(events).into_iter();
        let nodes = nodes.map(|branch| node(&names, words.remove(&branch.id), branch)).collect();
        Ok(pb::GetCausationTreeResponse {
            correlation_id: correlation.to_string(),
            nodes,
            truncated,
        })
    }

    /// The events of a correlation, the oldest first, one more than is shown at most.
    async fn story(&self, tenant: &str, correlation: Uuid) -> Result<Vec<Recorded>, Status> {
        let tables = event_index::TABLES.iter().map(|(context, table)| {
            format!(
                "SELECT '{context}' AS context, position, recorded_at FROM {table}
                 WHERE tenant_id = $1 AND correlation_id = $2"
            )
        });
        let tables: Vec<_> = tables.collect();
        let mut db = self.pool.begin(tenant).await.map_err(failed)?;
        let rows = sqlx::query(&format!(
            "{} ORDER BY recorded_at, context, position LIMIT {}",
            tables.join(" UNION ALL "),
            MOST + 1
        ))
        .bind(tenant)
        .bind(correlation)
        .fetch_all(&mut *db)
        .await
        .map_err(failed)?;
        drop(db);
        let mut places = Vec::with_capacity(rows.len());
        for row in rows {
            let position: i64 = row.try_get("position").map_err(failed)?;
            places.push((row.try_get("context").map_err(failed)?, position.cast_unsigned()));
        }
        self.read(tenant, &places).await
    }

    async fn event(&self, tenant: &str, id: Uuid) -> Result<Option<Recorded>, Status> {
        for source in &self.sources {
            let event = source.log.read_event(tenant, id).await;
            if let Some(event) = event.map_err(|error| read_failed(&error))? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }
}

fn node(names: &Names, words: Option<(Text, Shown)>, branch: Branch) -> pb::CausationNode {
    let (text, shown) = words.unzip();
    let (zh, en) = text.map(|text| (text.zh, text.en)).unwrap_or_default();
    let event = branch.event.zip(shown);
    pb::CausationNode {
        id: branch.id.to_string(),
        parent_id: branch.parent.map(|id| id.to_string()).unwrap_or_default(),
        depth: branch.depth,
        event: event.map(|(event, shown)| names.of(event, &shown)),
        sentence_zh: zh,
        sentence_en: en,
    }
}

/// One node of the tree: a request, or an event.
struct Branch {
    id: Uuid,
    parent: Option<Uuid>,
    depth: u32,
    event: Option<Recorded>,
}

/// Puts each event under its cause, depth first. A cause that is none of the events is a request.
fn grown(events: Vec<Recorded>) -> Vec<Branch> {
    let ids: BTreeSet<_> = events.iter().map(|event| event.event_id).collect();
    let (mut roots, mut effects) = (Vec::new(), BTreeMap::<Uuid, Vec<Recorded>>::new());
    for event in events {
        let cause = event.metadata.causation_id;
        if !ids.contains(&cause) && !roots.contains(&cause) {
            roots.push(cause);
        }
        effects.entry(cause).or_default().push(event);
    }
    let mut tree = Vec::new();
    // The next one to be told is the last one here.
    let mut waiting: Vec<_> = roots
        .into_iter()
        .rev()
        .map(|id| Branch { id, parent: None, depth: 0, event: None })
        .collect();
    while let Some(branch) = waiting.pop() {
        for event in effects.remove(&branch.id).unwrap_or_default().into_iter().rev() {
            let (id, depth) = (event.event_id, branch.depth + 1);
            waiting.push(Branch { id, parent: Some(branch.id), depth, event: Some(event) });
        }
        tree.push(branch);
    }
    tree
}
