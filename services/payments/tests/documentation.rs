//! The file of merchants is as docs/operating.md has it.

use payments::merchants::MerchantFile;
use psp::{Merchant, Provider};

#[test]
fn the_example_in_the_documentation_can_be_read() {
    let text = include_str!("../../../docs/operating.md");
    let (_, rest) = text.split_once("the_example_in_the_documentation_can_be_read -->").unwrap();
    let (_, rest) = rest.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();

    let file: MerchantFile = toml::from_str(example).unwrap();

    let providers: Vec<Provider> = file.merchants.iter().map(|it| it.merchant.provider()).collect();
    assert_eq!(providers, [Provider::WechatPay, Provider::Alipay]);
    let Merchant::WechatPay(wechat) = &file.merchants[0].merchant else { unreachable!() };
    assert_eq!(wechat.api_v3_key.reveal().len(), 32);
    assert_eq!(wechat.platform_keys.len(), 1);
}
