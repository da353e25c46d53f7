//! The merchants that a simulator has contracts with: two of each provider.

use psp::{Merchant, PlatformKey, Provider};

use crate::keys::{Keys, Pair};
use crate::world::World;

/// The id of the key that the simulated WeChat Pay signs with.
pub(crate) const PLATFORM_KEY: &str = "PUB_KEY_ID_0119000000012026112600000000000001";

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The one that is tested.
    Ours,
    /// Another one.
    Others,
}

/// A merchant as a provider knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) provider: Provider,
    pub(crate) whose: Whose,
    /// 商户号 or PID.
    pub(crate) id: &'static str,
    pub(crate) app_id: &'static str,
    /// Serial number of its certificate; Alipay has none.
    pub(crate) serial_no: &'static str,
    /// What notices to it are sealed with; Alipay seals none.
    pub(crate) api_v3_key: String,
    pub(crate) name: &'static str,
}

/// All of them.
pub(crate) struct Merchants(Vec<Account>);

impl Merchants {
    pub(crate) fn new() -> Self {
        let account = |provider, whose, id, app_id, serial_no, name| Account {
            provider,
            whose,
            id,
            app_id,
            serial_no,
            api_v3_key: uuid::Uuid::new_v4().simple().to_string(),
            name,
        };
        let (wechat, alipay) = (Provider::WechatPay, Provider::Alipay);
        let (ours, others) = (Whose::Ours, Whose::Others);
        let serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
        let other_serial = "5157F09EFDC096DE15EBE81A47057A7232F1B8E2";
        let (name, other) = ("渠道演示商户", "另一商户");
        Self(vec![
            account(wechat, ours, "1900000001", "wx2026000000000001", serial, name),
            account(wechat, others, "1900000002", "wx2026000000000002", other_serial, other),
            account(alipay, ours, "2088000000000001", "2026000000000001", "", name),
            account(alipay, others, "2088000000000002", "2026000000000002", "", other),
        ])
    }

    /// The one that a signature names.
    pub(crate) fn find(
        &self,
        provider: Provider,
        named: impl Fn(&Account) -> bool,
    ) -> Option<&Account> {
        self.0.iter().find(|account| account.provider == provider && named(account))
    }

    /// The other of the same provider.
    pub(crate) fn other_than<'a>(&'a self, known: &'a Account) -> &'a Account {
        self.find(known.provider, |account| account.whose != known.whose).unwrap_or(known)
    }

    /// The configuration of a client.
    pub(crate) fn config(&self, provider: Provider, whose: Whose, world: &World) -> Merchant {
        let found = self.find(provider, |account| account.whose == whose);
        let (keys, base) = (&world.keys, world.base.as_str());
        let field = |read: fn(&Account) -> &str| found.map(read).unwrap_or_default().to_owned();
        let private_key = found.map(|account| account.key(keys).private_pem.clone());
        let private_key = private_key.unwrap_or_default().into();
        match provider {
            Provider::WechatPay => Merchant::WechatPay(psp::WechatPay {
                mch_id: field(|account| account.id),
                app_id: field(|account| account.app_id),
                serial_no: field(|account| account.serial_no),
                private_key,
                api_v3_key: field(|account| &account.api_v3_key).into(),
                platform_keys: vec![PlatformKey {
                    id: PLATFORM_KEY.to_owned(),
                    pem: keys.wechat.public_pem.clone(),
                }],
                base_url: base.to_owned(),
            }),
            Provider::Alipay => Merchant::Alipay(psp::Alipay {
                app_id: field(|account| account.app_id),
                seller_id: field(|account| account.id),
                private_key,
                alipay_public_key: keys.alipay.public_pem.clone(),
                gateway: format!("{base}/gateway.do"),
            }),
        }
    }
}

impl Account {
    /// The key that it signs with.
    pub(crate) fn key<'a>(&self, keys: &'a Keys) -> &'a Pair {
        match self.whose {
            Whose::Ours => &keys.merchant,
            Whose::Others => &keys.stranger,
        }
    }
}
