//! Dealers: registered, and what kind they are.

use std::collections::BTreeMap;
use std::str::FromStr;

use kernel::Text;
use kernel::auth::Caller;
use kernel::command::Addressed;
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::partner::v1 as pb;
use proto::partner::v1::dealer_service_server::DealerService;
use tonic::{Request, Status};
use values::text::name;
use values::{DealerClass, DealerId, Explain, RegionId, Sight};

use super::PartnerApi;
use super::fields::{explain, parse};
use crate::dealer::Dealer;
use crate::dealer_classes::{CLASSES, DealerClasses, DealerClassesCommand};
use crate::transactions::{ClassifyDealer, RegisterDealer};

#[tonic::async_trait]
impl DealerService for PartnerApi {
    async fn register_dealer(
        &self,
        request: Request<pb::RegisterDealerRequest>,
    ) -> Reply<pb::RegisterDealerResponse> {
        self.commands.run(request).await
    }

    async fn define_dealer_classes(
        &self,
        request: Request<pb::DefineDealerClassesRequest>,
    ) -> Reply<pb::DefineDealerClassesResponse> {
        self.commands.run(request).await
    }

    async fn classify_dealer(
        &self,
        request: Request<pb::ClassifyDealerRequest>,
    ) -> Reply<pb::ClassifyDealerResponse> {
        self.commands.run(request).await
    }
}

impl IntoCommand<Dealer> for pb::RegisterDealerRequest {
    type Command = RegisterDealer;

    fn into_command(self, call: &Call) -> Result<RegisterDealer, Status> {
        let mut bad = Violations::default();
        let sight = sight(&mut bad, "region_id", call);
        let dealer_id = parse::<DealerId>(&mut bad, "dealer_id", &self.dealer_id);
        let company = bad.take("name", name(&self.name).map_err(explain));
        let city = bad.take("city", name(&self.city).map_err(explain));
        let region_id = parse::<RegionId>(&mut bad, "region_id", &self.region_id);
        let command = || {
            let (dealer_id, name) = (dealer_id?, company?);
            let (city, region_id, sight) = (city?, region_id?, sight?);
            let today = call.today().into();
            Some(RegisterDealer { dealer_id, name, city, region_id, sight, today })
        };
        let command = command();
        bad.finish(command)
    }
}

/// What the caller looks after.
fn sight(bad: &mut Violations, field: &str, call: &Call) -> Option<Sight> {
    let Caller { dealer_id, regions, .. } = &call.caller;
    bad.take(field, Sight::parse(dealer_id.as_deref(), regions).map_err(explain))
}

impl IntoCommand<DealerClasses> for pb::DefineDealerClassesRequest {
    type Command = Addressed<DealerClasses>;

    fn into_command(self, _: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let levels = self.levels.iter().map(|it| (it.level_id.as_str(), it.name.as_str()));
        let levels = named(&mut bad, ("levels", "level_id"), levels);
        let channels = self.channels.iter().map(|it| (it.channel_id.as_str(), it.name.as_str()));
        let channels = named(&mut bad, ("channels", "channel_id"), channels);
        let command =
            (|| Some(DealerClassesCommand::Define { levels: levels?, channels: channels? }))();
        Ok(Addressed { object_id: CLASSES.to_owned(), command: bad.finish(command)? })
    }
}

/// Ids with their names, each id once.
fn named<'a, Id: FromStr<Err: Explain> + Ord>(
    bad: &mut Violations,
    (list, id_field): (&str, &str),
    items: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<BTreeMap<Id, String>> {
    let mut all = Some(BTreeMap::new());
    for (index, (id, words)) in items.enumerate() {
        let id_field = format!("{list}[{index}].{id_field}");
        let id = parse::<Id>(bad, &id_field, id);
        let words = bad.take(format!("{list}[{index}].name"), name(words).map_err(explain));
        all = match (all, id, words) {
            (Some(mut all), Some(id), Some(words)) => match all.insert(id, words) {
                None => Some(all),
                Some(_) => {
                    bad.add(id_field, Text::new("重复", "is named for the second time"));
                    None
                }
            },
            (_, _, _) => None,
        };
    }
    all
}

impl IntoCommand<Dealer> for pb::ClassifyDealerRequest {
    type Command = ClassifyDealer;

    fn into_command(self, call: &Call) -> Result<ClassifyDealer, Status> {
        let mut bad = Violations::default();
        let sight = sight(&mut bad, "dealer_id", call);
        let dealer_id = parse::<DealerId>(&mut bad, "dealer_id", &self.dealer_id);
        let level_id = parse_given(&mut bad, "level_id", &self.level_id);
        let channel_id = parse_given(&mut bad, "channel_id", &self.channel_id);
        let effective_on = parse_given(&mut bad, "effective_on", &self.effective_on);
        let today = call.today().into();
        let command = (|| {
            let class = DealerClass { level_id: level_id?, channel_id: channel_id? };
            let (dealer_id, effective_on) = (dealer_id?, effective_on?);
            Some(ClassifyDealer { dealer_id, class, effective_on, sight: sight?, today })
        })();
        bad.finish(command)
    }
}

/// What may be left empty.
fn parse_given<T: FromStr<Err: Explain>>(
    bad: &mut Violations,
    field: &str,
    text: &str,
) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { parse(bad, field, text).map(Some) }
}
