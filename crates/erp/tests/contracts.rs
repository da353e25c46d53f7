//! The file of contracts: read whole, or refused without telling what is secret in it.

use erp::{Contract, ContractError, ContractFile, Contracts, ContractsError, Stage, System};
use kernel::outbound::{Outbound, Reach};

const KINGDEE: &str = r#"
[[contracts]]
tenant = "demo"
system = "kingdee"
base_url = "https://example.ik3cloud.com/k3cloud"
acct_id = "6512a3bc4fb2cc"
user = "channel"
app_id = "204399_x"
app_secret = "very-secret"
org = "100"
until = "submitted"
"#;
const YONYOU: &str = r#"
[[contracts]]
tenant = "other"
system = "yonyou"
token_url = "https://c2.yonyoucloud.com/iuap-api-auth"
gateway_url = "https://c2.yonyoucloud.com/iuap-api-gateway"
app_key = "41832a3d2df94989b500da6a22268747"
app_secret = "very-secret"
org = "100"
order_type = "SO01"
delivery_type = "A30001"
return_type = "RT01"
receipt_purpose = "2"

[contracts.tax_codes]
13 = "VAT13"
9 = "VAT9"
"#;

fn outbound() -> Outbound {
    Outbound::new(Reach::Public, None).expect("roots")
}

fn of(text: &str) -> Result<Contracts, ContractsError> {
    let file: ContractFile = toml::from_str(text).expect("a file");
    Contracts::of(file, &outbound())
}

#[test]
fn a_tenant_has_the_system_of_its_contract() {
    let contracts = of(&format!("{KINGDEE}{YONYOU}")).expect("contracts");
    let system = |tenant| contracts.client(tenant).map(|client| client.system());
    assert_eq!(system("demo"), Some(System::Kingdee));
    assert_eq!(system("other"), Some(System::Yonyou));
    assert_eq!(system("nobody"), None);
}

#[test]
fn what_is_not_said_is_as_the_systems_are_delivered() {
    let file: ContractFile = toml::from_str(&format!("{KINGDEE}{YONYOU}")).expect("a file");
    let Contract::Kingdee(kingdee) = &file.contracts[0].contract else { panic!() };
    assert_eq!((kingdee.until, kingdee.biz_id_field.as_str()), (Stage::Submitted, "FBillNo"));
    assert_eq!(kingdee.currencies["CNY"], "PRE001");
    let Contract::Yonyou(yonyou) = &file.contracts[1].contract else { panic!() };
    assert_eq!(
        (yonyou.until, yonyou.receipt_type.as_str()),
        (Stage::Audited, "arap_receipt_other")
    );
    assert!(!format!("{file:?}").contains("very-secret"), "what is secret is not shown");
}

#[test]
fn a_contract_that_can_not_be_used_names_the_field() {
    for (from, to, expected) in [
        ("base_url = \"https://", "base_url = \"ftp://", ContractError::Address("base_url")),
        ("user = \"channel\"", "user = \" \"", ContractError::Text("user")),
        ("org = \"100\"", "org = \"1'0\"", ContractError::Text("org")),
        ("org = \"100\"", "org = \"100\"\nauth = \"signed\"", ContractError::AppId),
        (
            "org = \"100\"",
            "org = \"100\"\nbiz_id_field = \"x = 1\"",
            ContractError::Text("biz_id_field"),
        ),
        ("\"submitted\"", "\"taken_over\"", ContractError::Until),
        (
            "org = \"100\"",
            "org = \"100\"\ncurrencies = { Yuan = \"PRE001\" }",
            ContractError::Currency,
        ),
    ] {
        let error = of(&KINGDEE.replace(from, to)).err().expect("an error");
        let ContractsError::Contract { tenant, source, .. } = &error else { panic!("{error}") };
        assert_eq!((tenant.as_str(), source), ("demo", &expected));
        assert!(!format!("{error:?} {error} {source}").contains("very-secret"));
    }
    let error = of(&YONYOU.replace("9 = \"VAT9\"", "nine = \"VAT9\"")).err().expect("an error");
    assert!(
        matches!(error, ContractsError::Contract { source: ContractError::Tax, .. }),
        "{error}"
    );
}

#[test]
fn books_are_one_tenants_and_a_tenant_has_one() {
    let twice = of(&format!("{KINGDEE}{}", KINGDEE.replace("6512a3bc4fb2cc", "another")));
    assert!(matches!(twice, Err(ContractsError::Twice(tenant)) if tenant == "demo"));
    let other = KINGDEE.replace("\"demo\"", "\"other\"").replace("/k3cloud", "/K3Cloud/");
    let shared = of(&format!("{KINGDEE}{other}"));
    assert!(matches!(shared, Err(ContractsError::Shared("Kingdee Cloud Galaxy"))));
    let nobody = of(&KINGDEE.replace("\"demo\"", "\"No Tenant\""));
    assert!(matches!(nobody, Err(ContractsError::Tenant(_))));
}

#[test]
fn a_file_is_read_and_one_that_is_not_there_is_none() {
    let folder = std::env::temp_dir().join(format!("erp-contracts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("contracts.toml");
    assert!(Contracts::read(Some(&file), &outbound()).expect("none").client("demo").is_none());
    assert!(Contracts::read(None, &outbound()).expect("none").client("demo").is_none());
    std::fs::write(&file, KINGDEE).expect("a file");
    assert!(Contracts::read(Some(&file), &outbound()).expect("read").client("demo").is_some());
    std::fs::write(&file, KINGDEE.replace("org =", "organisation =")).expect("a file");
    let error = Contracts::read(Some(&file), &outbound()).err().expect("an error");
    std::fs::remove_dir_all(&folder).expect("removed");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("line ") && !shown.contains("very-secret"), "{shown}");
}
