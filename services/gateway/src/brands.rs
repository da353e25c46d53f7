//! What a browser asks for before it installs the mall: a manifest and an icon for each brand, at
//! `/brands/{tenant}/`. Both are made from what the brand tells to anybody.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, StatusCode};
use proto::partner::v1::tenant_service_client::TenantServiceClient;
use proto::partner::v1::{GetTenantRequest, GetTenantResponse};
use serde_json::{Value, json};
use tonic::Code;

use crate::proxy::{Proxy, Upstreams};
use crate::rest::passed_on;

/// The system's own, of a brand that has chosen none.
const ACCENT: &str = "#1f5fd6";
/// What stands behind a page while it starts.
const GROUND: &str = "#f5f6f8";
/// Characters below an icon; more are cut off by phones, each in its own way.
const SHORT: usize = 12;
/// Seconds for which a browser keeps either.
const KEPT: &str = "public, max-age=300";
/// An icon is opened as a page by who has its address; it shows its picture and does nothing.
const POLICY: &str = "default-src 'none'; img-src data:";

/// The way to the role that knows brands.
#[derive(Clone)]
struct Brands {
    proxy: Proxy,
    proxies: usize,
}

/// The paths of brands. Proxies in front of the gateway add the address that they were asked from.
pub(crate) fn router(upstreams: Upstreams, proxies: usize) -> Router {
    Router::new()
        .route("/brands/{tenant}/manifest.webmanifest", get(manifest))
        .route("/brands/{tenant}/icon.svg", get(icon))
        .with_state(Brands { proxy: Proxy::new(upstreams), proxies })
}

async fn manifest(
    State(brands): State<Brands>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    match brands.find(tenant, request).await {
        Ok(brand) => told("application/manifest+json", manifest_of(&brand).to_string()),
        Err(status) => status.into_response(),
    }
}

async fn icon(
    State(brands): State<Brands>,
    Path(tenant): Path<String>,
    request: Request,
) -> Response {
    match brands.find(tenant, request).await {
        Ok(brand) => told("image/svg+xml", icon_of(&brand)),
        Err(status) => status.into_response(),
    }
}

impl Brands {
    async fn find(
        &self,
        tenant: String,
        request: Request,
    ) -> Result<GetTenantResponse, StatusCode> {
        let request = kernel::gate::coming_from(request, self.proxies);
        let mut call = tonic::Request::new(GetTenantRequest { tenant_id: tenant });
        let mut headers: HeaderMap = request.headers().clone();
        // What anybody is told; an old token of whoever asks must not be in the way.
        headers.remove(http::header::AUTHORIZATION);
        *call.metadata_mut() = passed_on(&headers);
        let answer = TenantServiceClient::new(self.proxy.clone()).get_tenant(call).await;
        answer.map(tonic::Response::into_inner).map_err(|no| refused(no.code()))
    }
}

fn refused(code: Code) -> StatusCode {
    // A name that is none is not said to be wrong: nobody is meant to type these addresses.
    if [Code::NotFound, Code::InvalidArgument].contains(&code) {
        StatusCode::NOT_FOUND
    } else if code == Code::ResourceExhausted {
        StatusCode::TOO_MANY_REQUESTS
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

fn told(content_type: &'static str, body: String) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, KEPT),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}

fn manifest_of(brand: &GetTenantResponse) -> Value {
    let GetTenantResponse { tenant_id, name, locale, .. } = brand;
    let name = if name.is_empty() { tenant_id } else { name };
    let english = locale.starts_with("en");
    let (cart, orders) =
        if english { ("Cart", "My orders") } else { ("购物车", "我的订单") };
    let icon = format!("/brands/{tenant_id}/icon.svg");
    let icon_for = |purpose: &str| json!({ "src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": purpose });
    json!({
        "id": format!("/mall?brand={tenant_id}"),
        "name": name,
        "short_name": name.chars().take(SHORT).collect::<String>().trim_end(),
        "lang": if english { "en" } else { "zh-CN" },
        "start_url": "/mall",
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": accent_of(brand),
        "icons": [icon_for("any"), icon_for("maskable")],
        "shortcuts": [
            { "name": cart, "url": "/mall/cart" },
            { "name": orders, "url": "/mall/orders" },
        ],
    })
}

/// The logo on white, else the first letter of the name on the accent. Phones cut icons to shapes of
/// their own, so what has to be seen is in the middle.
fn icon_of(brand: &GetTenantResponse) -> String {
    let drawn = match picture(&brand.logo) {
        Some(logo) => format!(
            r##"<rect width="512" height="512" fill="#ffffff"/><image x="104" y="104" width="304" height="304" href="{logo}"/>"##
        ),
        None => format!(
            r##"<rect width="512" height="512" fill="{}"/><text x="256" y="346" text-anchor="middle" font-family="sans-serif" font-size="256" font-weight="600" fill="#ffffff">{}</text>"##,
            accent_of(brand),
            letter(if brand.name.is_empty() { &brand.tenant_id } else { &brand.name }),
        ),
    };
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">{drawn}</svg>"#)
}

fn accent_of(brand: &GetTenantResponse) -> &str {
    let accent = brand.accent_colour.as_str();
    let digits = accent.strip_prefix('#').unwrap_or_default();
    let is_colour = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_colour { accent } else { ACCENT }
}

/// A logo that came along with the brand. One that is a file is shown to its people only.
fn picture(logo: &str) -> Option<&str> {
    let kinds = ["png", "jpeg", "webp"];
    let bytes =
        kinds.iter().find_map(|kind| logo.strip_prefix(&format!("data:image/{kind};base64,")))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    (!bytes.is_empty() && bytes.bytes().all(plain)).then_some(logo)
}

fn letter(name: &str) -> String {
    let first = name.trim().chars().next().unwrap_or('q');
    match first {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        first => first.to_uppercase().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand(name: &str, logo: &str, accent: &str) -> GetTenantResponse {
        GetTenantResponse {
            tenant_id: "drinks".to_owned(),
            name: name.to_owned(),
            logo: logo.to_owned(),
            accent_colour: accent.to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn a_manifest_is_in_the_name_and_the_colour_of_the_brand() {
        let told = manifest_of(&brand("清泉饮料 Clear Spring Drinks", "", "#0a7d4b"));
        assert_eq!(told["name"], "清泉饮料 Clear Spring Drinks");
        assert_eq!(told["short_name"], "清泉饮料 Clear S");
        assert_eq!(told["theme_color"], "#0a7d4b");
        assert_eq!(told["start_url"], "/mall");
        assert_eq!(told["icons"][1]["src"], "/brands/drinks/icon.svg");
        assert_eq!(manifest_of(&brand("", "", ""))["name"], "drinks");
    }

    #[test]
    fn an_icon_is_the_logo_or_else_a_letter_on_the_accent() {
        let drawn = icon_of(&brand("清泉", "data:image/png;base64,AAA=", "#0a7d4b"));
        assert!(drawn.contains(r#"href="data:image/png;base64,AAA=""#), "{drawn}");
        let drawn = icon_of(&brand("清泉", "file:f-1", "#0a7d4b"));
        assert!(drawn.contains(">清</text>") && drawn.contains(r##"fill="#0a7d4b""##), "{drawn}");
    }

    #[test]
    fn nothing_that_a_brand_says_becomes_markup() {
        let logo = r#"data:image/png;base64,AA"/><script>alert(1)</script>"#;
        let drawn = icon_of(&brand("<b>", logo, r#"red"/><script/>"#));
        assert!(!drawn.contains("script") && drawn.contains("&lt;</text>"), "{drawn}");
        assert!(drawn.contains(ACCENT), "{drawn}");
    }
}
