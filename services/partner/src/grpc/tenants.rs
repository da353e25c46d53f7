//! Brands: founded, and how they look and work.

use std::collections::BTreeSet;

use kernel::Text;
use kernel::auth::Caller;
use kernel::command::Addressed;
use kernel::failure::{Violations, refused};
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::access::v1::Module as Contract;
use proto::partner::v1 as pb;
use proto::partner::v1::tenant_service_server::TenantService;
use tonic::{Request, Response, Status};
use values::TenantId;
use values::text::name;

use super::PartnerApi;
use super::fields::{explain, parse};
use crate::module::Module;
use crate::tenant::{Change, Locale, Look, Settings, Tenant, TenantCommand, TenantRefusal};
use crate::transactions::FoundTenant;

/// Largest picture as a data URI, in bytes.
const LOGO: usize = 64 << 10;
/// Pictures that can do nothing but be shown.
const PICTURES: [&str; 3] = ["png", "jpeg", "webp"];

#[tonic::async_trait]
impl TenantService for PartnerApi {
    async fn found_tenant(
        &self,
        request: Request<pb::FoundTenantRequest>,
    ) -> Reply<pb::FoundTenantResponse> {
        self.commands.run(request).await
    }

    async fn change_tenant(
        &self,
        request: Request<pb::ChangeTenantRequest>,
    ) -> Reply<pb::ChangeTenantResponse> {
        self.commands.run(request).await
    }

    /// Anybody may see what stands on the page where people sign in; the rest is for those who work
    /// there.
    async fn get_tenant(
        &self,
        request: Request<pb::GetTenantRequest>,
    ) -> Reply<pb::GetTenantResponse> {
        let caller = request.extensions().get::<Caller>();
        let tenant_id = request.get_ref().tenant_id.as_str();
        let brand = match tenant_id.parse::<TenantId>() {
            Ok(id) => self.reception.brand_as_of(id.as_str()).await?,
            Err(_) => None,
        };
        let (settings, version) = brand.ok_or_else(|| refused(&TenantRefusal::NoTenant))?;
        let provider = self.provider(tenant_id).await?;
        let is_own = caller.is_some_and(|caller| caller.tenant == tenant_id);
        Ok(Response::new(pb::GetTenantResponse {
            tenant_id: tenant_id.to_owned(),
            name: settings.name.clone(),
            logo: settings.look.logo.clone(),
            accent_colour: settings.look.accent.clone(),
            accent_colour_dark: settings.look.accent_dark.clone(),
            locale: settings.locale.tag().to_owned(),
            settings: is_own.then(|| shown(&settings)),
            provider_label: provider.map(|(provider, _)| provider.label).unwrap_or_default(),
            version: if is_own { version } else { 0 },
        }))
    }
}

fn shown(settings: &Settings) -> pb::TenantSettings {
    pb::TenantSettings {
        currency_code: settings.currency.to_string(),
        time_zone: settings.time_zone.clone(),
        fiscal_start_month: settings.fiscal_start_month,
        modules: settings.modules.iter().map(|module| module.contract().into()).collect(),
    }
}

impl IntoCommand<Tenant> for pb::FoundTenantRequest {
    type Command = FoundTenant;

    fn tenant(&self, _: &Caller) -> String {
        self.tenant_id.clone()
    }

    fn into_command(self, _: &Call) -> Result<FoundTenant, Status> {
        let mut bad = Violations::default();
        let tenant_id = parse::<TenantId>(&mut bad, "tenant_id", &self.tenant_id);
        let brand = bad.take("name", name(&self.name).map_err(explain));
        let currency = parse(&mut bad, "currency_code", &self.currency_code);
        let zone = zone(&mut bad, &self.time_zone);
        let root_name = bad.take("root_region_name", name(&self.root_region_name).map_err(explain));
        let command = || {
            let (name, currency) = (brand?, currency?);
            let settings = Settings::founded(name, currency, zone?);
            Some(FoundTenant { tenant_id: tenant_id?, settings, root_name: root_name? })
        };
        let command = command();
        bad.finish(command)
    }
}

fn zone(bad: &mut Violations, text: &str) -> Option<String> {
    let zone = text.parse::<chrono_tz::Tz>();
    let zone = zone
        .map_err(|_| Text::new("必须是 IANA 时区名", "must be an IANA name like Asia/Shanghai"));
    bad.take("time_zone", zone).map(|zone| zone.to_string())
}

impl IntoCommand<Tenant> for pb::ChangeTenantRequest {
    type Command = Addressed<Tenant>;

    fn into_command(self, call: &Call) -> Result<Self::Command, Status> {
        let mut bad = Violations::default();
        let brand = bad.take("name", name(&self.name).map_err(explain));
        let time_zone = zone(&mut bad, &self.time_zone);
        let logo = bad.take("logo", logo(&self.logo));
        let accent = bad.take("accent_colour", colour(&self.accent_colour));
        let accent_dark = bad.take("accent_colour_dark", colour(&self.accent_colour_dark));
        let words = || Text::new("须为 zh-CN 或 en", "must be zh-CN or en");
        let locale = bad.take("locale", Locale::of(&self.locale).ok_or_else(words));
        let month = match self.fiscal_start_month {
            month @ 1..=12 => Ok(month),
            _ => Err(Text::new("须为 1 至 12", "must be 1 to 12")),
        };
        let month = bad.take("fiscal_start_month", month);
        let known = |&number: &i32| Contract::try_from(number).ok().and_then(Module::of);
        let modules: Option<BTreeSet<Module>> = self.modules.iter().map(known).collect();
        let words = || Text::new("含有未知的模块", "holds an unknown module");
        let modules = bad.take("modules", modules.ok_or_else(words));
        let change = || {
            Some(Change {
                name: brand?,
                look: Look { logo: logo?, accent: accent?, accent_dark: accent_dark? },
                locale: locale?,
                time_zone: time_zone?,
                fiscal_start_month: month?,
                modules: modules?.into_iter().collect(),
            })
        };
        let change = change().map(TenantCommand::Change);
        let object_id = call.caller.tenant.clone();
        bad.finish(change.map(|command| Addressed { object_id, command }))
    }
}

/// A picture that can do nothing but be shown, or the id of a file.
fn logo(text: &str) -> Result<String, Text> {
    let is_file = text.strip_prefix("file:").is_some_and(|id| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
    });
    let is_picture = text.len() <= LOGO
        && PICTURES.iter().any(|kind| {
            let data = text.strip_prefix(&format!("data:image/{kind};base64,"));
            data.is_some_and(|data| {
                let sign = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'=');
                !data.is_empty() && data.bytes().all(sign)
            })
        });
    if text.is_empty() || is_file || is_picture {
        return Ok(text.to_owned());
    }
    Err(Text::new(
        "须为 file:文件编号，或不超过 64 kB 的 PNG、JPEG、WebP 图片 data URI",
        "must be `file:` and an id, or a data URI of a PNG, JPEG or WebP of at most 64 kB",
    ))
}

fn colour(text: &str) -> Result<String, Text> {
    let is_colour = text.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    if text.is_empty() || is_colour {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Text::new("须为 #rrggbb", "must be #rrggbb"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_can_do_nothing_but_be_shown() {
        let picture =
            |kind: &str, bytes: usize| format!("data:image/{kind};base64,{}", "A".repeat(bytes));
        for good in [String::new(), "file:0198f2b4".to_owned(), picture("png", 60_000)] {
            assert_eq!(logo(&good), Ok(good));
        }
        for bad in [
            "https://example.com/logo.png".to_owned(),
            "file:../etc".to_owned(),
            picture("svg+xml", 10),
            picture("png", LOGO),
            "data:image/png;base64,<script>".to_owned(),
            "data:text/html;base64,AAAA".to_owned(),
        ] {
            assert!(logo(&bad).is_err(), "{bad:.40}");
        }
    }

    #[test]
    fn a_colour_is_six_digits() {
        assert_eq!(colour("#1A2B3C"), Ok("#1a2b3c".to_owned()));
        for bad in ["red", "#123", "#12345g", "url(x)"] {
            assert!(colour(bad).is_err(), "{bad}");
        }
    }
}
