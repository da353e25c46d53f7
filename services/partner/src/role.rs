//! What a user may be in a tenant.

use proto::access::v1::Role as Contract;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A role, stored under the name it has in the contract. The operator is missing: it belongs to
/// no tenant, so no tenant can give it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::EnumIter,
)]
pub enum Role {
    /// 总部管理员
    #[serde(rename = "ROLE_HQ_ADMIN")]
    HqAdmin,
    /// 销售总监
    #[serde(rename = "ROLE_SALES_DIRECTOR")]
    SalesDirector,
    /// 区域经理
    #[serde(rename = "ROLE_REGION_MANAGER")]
    RegionManager,
    /// 业务员
    #[serde(rename = "ROLE_SALES_REP")]
    SalesRep,
    /// 经销商老板
    #[serde(rename = "ROLE_DEALER_OWNER")]
    DealerOwner,
    /// 经销商员工
    #[serde(rename = "ROLE_DEALER_STAFF")]
    DealerStaff,
    /// 财务
    #[serde(rename = "ROLE_FINANCE")]
    Finance,
    /// 仓储
    #[serde(rename = "ROLE_WAREHOUSE")]
    Warehouse,
    /// 分析师
    #[serde(rename = "ROLE_ANALYST")]
    Analyst,
    /// 审计员
    #[serde(rename = "ROLE_AUDITOR")]
    Auditor,
    /// 集成
    #[serde(rename = "ROLE_INTEGRATION")]
    Integration,
}

impl Role {
    /// Whether it is a role of a dealer's people.
    pub fn is_of_dealer(self) -> bool {
        matches!(self, Self::DealerOwner | Self::DealerStaff)
    }

    /// The role in the contract.
    pub fn contract(self) -> Contract {
        match self {
            Self::HqAdmin => Contract::HqAdmin,
            Self::SalesDirector => Contract::SalesDirector,
            Self::RegionManager => Contract::RegionManager,
            Self::SalesRep => Contract::SalesRep,
            Self::DealerOwner => Contract::DealerOwner,
            Self::DealerStaff => Contract::DealerStaff,
            Self::Finance => Contract::Finance,
            Self::Warehouse => Contract::Warehouse,
            Self::Analyst => Contract::Analyst,
            Self::Auditor => Contract::Auditor,
            Self::Integration => Contract::Integration,
        }
    }

    /// A role of the contract, if a tenant can give it.
    pub fn of(contract: Contract) -> Option<Self> {
        match contract {
            Contract::Unspecified | Contract::Operator => None,
            Contract::HqAdmin => Some(Self::HqAdmin),
            Contract::SalesDirector => Some(Self::SalesDirector),
            Contract::RegionManager => Some(Self::RegionManager),
            Contract::SalesRep => Some(Self::SalesRep),
            Contract::DealerOwner => Some(Self::DealerOwner),
            Contract::DealerStaff => Some(Self::DealerStaff),
            Contract::Finance => Some(Self::Finance),
            Contract::Warehouse => Some(Self::Warehouse),
            Contract::Analyst => Some(Self::Analyst),
            Contract::Auditor => Some(Self::Auditor),
            Contract::Integration => Some(Self::Integration),
        }
    }

    /// As the trade says it, in Chinese and in English.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::HqAdmin => ("总部管理员", "headquarters administrator"),
            Self::SalesDirector => ("销售总监", "sales director"),
            Self::RegionManager => ("区域经理", "region manager"),
            Self::SalesRep => ("业务员", "sales representative"),
            Self::DealerOwner => ("经销商老板", "dealer owner"),
            Self::DealerStaff => ("经销商员工", "dealer staff"),
            Self::Finance => ("财务", "finance"),
            Self::Warehouse => ("仓储", "warehouse"),
            Self::Analyst => ("分析师", "analyst"),
            Self::Auditor => ("审计员", "auditor"),
            Self::Integration => ("集成", "integration"),
        }
    }
}
