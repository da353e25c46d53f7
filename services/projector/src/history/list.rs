//! Events of all contexts by object, actor, time, story and type. They are found in the index and
//! read from the logs, which are what is believed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::failure::{Violations, internal, read_failed};
use kernel::{Recorded, Text};
use proto::history::v1 as pb;
use sqlx::{Postgres, QueryBuilder, Row as _};
use tonic::Status;
use uuid::Uuid;

use super::HistoryApi;
use super::objects::{ToldPlainly, entry, split};
use super::people::{Names, Revealed};
use super::wanted::time;
use crate::models::event_index;
use crate::read::{Page, failed};

/// Where an event stands: its context and position.
type Place = (String, u64);

/// A request, parsed.
struct Search {
    request: pb::ListEventsRequest,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    correlation: Option<Uuid>,
    /// The last event of the page before.
    after: Option<Token>,
    limit: i64,
}

impl HistoryApi {
    /// See [`pb::ListEventsRequest`].
    pub(crate) async fn list(
        &self,
        tenant: &str,
        request: pb::ListEventsRequest,
    ) -> Result<pb::ListEventsResponse, Status> {
        let search = Search::of(request)?;
        let indexed = self.indexed();
        let mut db = self.pool.begin(tenant).await.map_err(failed)?;
        let rows = search.query(tenant).build().fetch_all(&mut *db).await.map_err(failed)?;
        drop(db);
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let token = Token {
                recorded_at: row.try_get("recorded_at").map_err(failed)?,
                context: row.try_get("context").map_err(failed)?,
                position: row.try_get("position").map_err(failed)?,
            };
            found.push(token);
        }
        let more = found.len() > search.limit as usize;
        found.truncate(search.limit as usize);
        let next = found.last().filter(|_| more).map(Token::to_string);
        let places: Vec<Place> = found.into_iter().map(Token::place).collect();
        let events = self.read(tenant, &places).await?;
        Ok(pb::ListEventsResponse {
            entries: self.entries(tenant, events, search.request.with_changes).await?,
            next_token: next.unwrap_or_default(),
            indexed,
        })
    }

    fn indexed(&self) -> Vec<pb::IndexedUpTo> {
        let up_to = self.index.iter().map(|progress| pb::IndexedUpTo {
            context: progress.context.to_owned(),
            position: progress.now().position,
        });
        up_to.collect()
    }

    /// The tenant's events at these places, in the same order.
    pub(crate) async fn read(
        &self,
        tenant: &str,
        places: &[Place],
    ) -> Result<Vec<Recorded>, Status> {
        let mut found = HashMap::new();
        for source in &self.sources {
            let own = places.iter().filter(|(context, _)| context == source.context.name);
            let own: Vec<_> = own.map(|(_, position)| *position).collect();
            if !own.is_empty() {
                let events = source.log.read_at(tenant, &own).await;
                let events = events.map_err(|error| read_failed(&error))?;
                let placed = |event: Recorded| ((event.context.clone(), event.position), event);
                found.extend(events.into_iter().map(placed));
            }
        }
        Ok(places.iter().filter_map(|place| found.remove(place)).collect())
    }

    async fn entries(
        &self,
        tenant: &str,
        events: Vec<Recorded>,
        with_changes: bool,
    ) -> Result<Vec<pb::HistoryEntry>, Status> {
        let names = self.names(tenant, &events).await?;
        let mut told = Vec::with_capacity(events.len());
        let mut known = HashMap::new();
        for event in &events {
            told.push(match with_changes {
                true => self.told(event, &mut known).await?,
                false => None,
            });
        }
        // What was told with its changes was revealed for that.
        let brief = events.iter().zip(&told).filter(|(_, told)| told.is_none());
        let brief = self.revealed(tenant, brief.map(|(event, _)| event)).await?;
        let mut brief = brief.into_iter();
        let entries = events.into_iter().zip(told).filter_map(|(event, told)| match told {
            Some(told) => Some(Ok(entry(&names, event, told, false))),
            None => brief.next().map(|revealed| self.brief(&names, event, revealed)),
        });
        entries.collect()
    }

    /// An event without what it changed.
    fn brief(
        &self,
        names: &Names,
        event: Recorded,
        revealed: Revealed,
    ) -> Result<pb::HistoryEntry, Status> {
        let Text { zh, en } = self.sentence(&revealed.event)?;
        Ok(pb::HistoryEntry {
            event: Some(names.of(event, &revealed.shown)),
            sentence_zh: zh,
            sentence_en: en,
            shown_json: revealed.shown.json,
            ..Default::default()
        })
    }

    /// What an event did to its object. The history of an object is read once for a page.
    async fn told(
        &self,
        event: &Recorded,
        known: &mut HashMap<(String, String), Vec<Option<ToldPlainly>>>,
    ) -> Result<Option<ToldPlainly>, Status> {
        let key = (event.aggregate.clone(), event.object_id.clone());
        if !known.contains_key(&key) {
            let object = format!("{}/{}", event.aggregate, event.object_id);
            let found = self.object(&event.tenant, &object).await?;
            let told = self.tell(&event.tenant, found.kind, &found.events).await?;
            known.insert(key.clone(), told.into_iter().map(Some).collect());
        }
        let number = usize::try_from(event.version.saturating_sub(1)).unwrap_or(usize::MAX);
        Ok(known.get_mut(&key).and_then(|told| told.get_mut(number)).and_then(Option::take))
    }

    /// A revealed event in words.
    pub(crate) fn sentence(&self, revealed: &Recorded) -> Result<Text, Status> {
        match self.kind(revealed) {
            Some(kind) => (kind.sentence)(revealed).map_err(|error| internal(&error)),
            None => Ok(Text::new(revealed.event_type.as_str(), revealed.event_type.as_str())),
        }
    }
}

impl Search {
    fn of(request: pb::ListEventsRequest) -> Result<Self, Status> {
        let mut violations = Violations::default();
        let from = time(&mut violations, "from_time", &request.from_time);
        let to = time(&mut violations, "to_time", &request.to_time);
        let correlation = Some(&request.correlation_id).filter(|id| !id.is_empty());
        let correlation = correlation.and_then(|id| {
            let bad = |_| Text::new("必须是 UUID", "must be a UUID");
            violations.take("correlation_id", Uuid::parse_str(id).map_err(bad))
        });
        let mut page = request.page.clone().unwrap_or_default();
        let token = std::mem::take(&mut page.token);
        let after = Some(&token).filter(|token| !token.is_empty()).and_then(|token| {
            let bad = || Text::new("不是上一页给出的", "is not one that a page before gave");
            violations.take("page.token", Token::parse(token).ok_or_else(bad))
        });
        violations.finish(Some(()))?;
        let limit = Page::of(Some(page))?.limit;
        Ok(Self { request, from, to, correlation, after, limit })
    }

    /// One row more than the page, to know whether there is a next one.
    fn query(&self, tenant: &str) -> QueryBuilder<'_, Postgres> {
        let mut query = QueryBuilder::new("SELECT context, position, recorded_at FROM (");
        for (n, (context, table)) in event_index::TABLES.iter().enumerate() {
            let union = if n == 0 { "" } else { " UNION ALL " };
            query.push(format!("{union}SELECT '{context}' AS context, * FROM {table}"));
        }
        query.push(") AS e WHERE tenant_id = ").push_bind(tenant.to_owned());
        let request = &self.request;
        if !request.object.is_empty() {
            let (aggregate, id) = split(&request.object);
            query.push(" AND object_id = ").push_bind(id);
            if let Some(aggregate) = aggregate {
                query.push(" AND aggregate = ").push_bind(aggregate);
            }
        }
        if !request.actor_id.is_empty() {
            query.push(" AND actor_id = ").push_bind(&request.actor_id);
        }
        if let Some(from) = self.from {
            query.push(" AND recorded_at >= ").push_bind(from);
        }
        if let Some(to) = self.to {
            query.push(" AND recorded_at < ").push_bind(to);
        }
        if let Some(correlation) = self.correlation {
            query.push(" AND correlation_id = ").push_bind(correlation);
        }
        for (column, any) in [("event_type", &request.event_types), ("context", &request.contexts)]
        {
            if !any.is_empty() {
                query.push(format!(" AND {column} = ANY(")).push_bind(any).push(")");
            }
        }
        if let Some(Token { recorded_at, context, position }) = &self.after {
            query.push(" AND (recorded_at, context, position) < (").push_bind(*recorded_at);
            query.push(", ").push_bind(context).push(", ").push_bind(*position).push(")");
        }
        query.push(" ORDER BY recorded_at DESC, context DESC, position DESC LIMIT ");
        query.push_bind(self.limit + 1);
        query
    }
}

/// An event's place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    recorded_at: DateTime<Utc>,
    context: String,
    position: i64,
}

impl Token {
    fn place(self) -> Place {
        (self.context, self.position.cast_unsigned())
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let recorded_at = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
        let (context, position) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        Some(Self { recorded_at, context, position })
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}.{}", self.recorded_at.timestamp_micros(), self.context, self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text() {
        let recorded_at = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
        let token = Token { recorded_at, context: "order".to_owned(), position: 42 };
        assert_eq!(Token::parse(&token.to_string()), Some(token));
        assert_eq!(Token::parse("1.order"), None);
        assert_eq!(Token::parse("x.order.1"), None);
    }
}
