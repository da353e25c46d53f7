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
    /// 海外代理商
    #[serde(rename = "ROLE_OVERSEAS_AGENT")]
    OverseasAgent,
    /// 市场部
    #[serde(rename = "ROLE_MARKETING")]
    Marketing,
    /// 生产计划
    #[serde(rename = "ROLE_PRODUCTION_PLANNING")]
    ProductionPlanning,
    /// 采购
    #[serde(rename = "ROLE_PURCHASING")]
    Purchasing,
    /// 第三方检核
    #[serde(rename = "ROLE_INSPECTOR")]
    Inspector,
    /// 培训管理员
    #[serde(rename = "ROLE_TRAINING_ADMIN")]
    TrainingAdmin,
    /// 租户管理员
    #[serde(rename = "ROLE_TENANT_ADMIN")]
    TenantAdmin,
}

impl Role {
    /// Whether it is a role of a dealer's people. An overseas agent is a company that sells on, as
    /// a dealer is.
    pub fn is_of_dealer(self) -> bool {
        matches!(self, Self::DealerOwner | Self::DealerStaff | Self::OverseasAgent)
    }

    /// Whether its holder looks after the users of the whole tenant.
    pub fn is_admin(self) -> bool {
        matches!(self, Self::HqAdmin | Self::TenantAdmin)
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
            Self::OverseasAgent => Contract::OverseasAgent,
            Self::Marketing => Contract::Marketing,
            Self::ProductionPlanning => Contract::ProductionPlanning,
            Self::Purchasing => Contract::Purchasing,
            Self::Inspector => Contract::Inspector,
            Self::TrainingAdmin => Contract::TrainingAdmin,
            Self::TenantAdmin => Contract::TenantAdmin,
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
            Contract::OverseasAgent => Some(Self::OverseasAgent),
            Contract::Marketing => Some(Self::Marketing),
            Contract::ProductionPlanning => Some(Self::ProductionPlanning),
            Contract::Purchasing => Some(Self::Purchasing),
            Contract::Inspector => Some(Self::Inspector),
            Contract::TrainingAdmin => Some(Self::TrainingAdmin),
            Contract::TenantAdmin => Some(Self::TenantAdmin),
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
            Self::OverseasAgent => ("海外代理商", "overseas agent"),
            Self::Marketing => ("市场部", "marketing"),
            Self::ProductionPlanning => ("生产计划", "production planning"),
            Self::Purchasing => ("采购", "purchasing"),
            Self::Inspector => ("第三方检核", "third-party inspector"),
            Self::TrainingAdmin => ("培训管理员", "training administrator"),
            Self::TenantAdmin => ("租户管理员", "tenant administrator"),
        }
    }
}
