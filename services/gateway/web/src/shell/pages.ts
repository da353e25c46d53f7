import {
  AccountBookOutlined,
  ApiOutlined,
  AppstoreOutlined,
  AuditOutlined,
  DashboardOutlined,
  EyeOutlined,
  HistoryOutlined,
  InboxOutlined,
  ProfileOutlined,
  ReconciliationOutlined,
  ShopOutlined,
  ControlOutlined,
  CreditCardOutlined,
  CustomerServiceOutlined,
  FileDoneOutlined,
  GiftOutlined,
  SettingOutlined,
  TagsOutlined,
  TruckOutlined,
  WalletOutlined,
} from "@ant-design/icons";
import type { DescMethod } from "@bufbuild/protobuf";
import type { ComponentType } from "react";
import { SalesQueryService } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { AfterSaleQueryService } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { CatalogueQueryService } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { PaymentQueryService } from "../gen/qudao/order/v1/payment_query_service_pb";
import { PromotionQueryService } from "../gen/qudao/order/v1/promotion_query_service_pb";
import { RemittanceService } from "../gen/qudao/order/v1/remittance_service_pb";
import { RebateQueryService } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { ShipmentQueryService } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { StockQueryService } from "../gen/qudao/order/v1/stock_query_service_pb";
import type { CurrentUser } from "../gen/qudao/partner/v1/identity_service_pb";
import { UserQueryService } from "../gen/qudao/partner/v1/user_query_service_pb";
import { HandoverService } from "../gen/qudao/connector/v1/handover_service_pb";
import { DeliveryService } from "../gen/qudao/webhook/v1/delivery_service_pb";
import type { Key } from "../i18n/i18n";
import { canCall, isDealer } from "../session/session";

export interface NavEntry {
  to: string;
  name: Key;
  icon: ComponentType;
}

/** Whether the brand's mall is for this person: who buys from it, and may order. */
export function hasMall(user: CurrentUser): boolean {
  return isDealer(user) && canCall(user, OrderService.method.submitOrder);
}

/** What this person may open, in the order of daily use. */
export function navFor(user: CurrentUser): NavEntry[] {
  const can = (method: DescMethod) => canCall(user, method);
  const entries: NavEntry[] = [];
  if (can(SalesQueryService.method.querySales)) entries.push({ to: "/", name: "nav.cockpit", icon: DashboardOutlined });
  if (can(OrderQueryService.method.listOrders)) entries.push({ to: "/orders", name: "nav.orders", icon: ProfileOutlined });
  if (can(OrderQueryService.method.listProducts)) {
    entries.push({ to: "/products", name: "nav.products", icon: AppstoreOutlined });
  }
  if (can(FundsQueryService.method.getDealerFunds)) {
    entries.push({ to: "/funds", name: "nav.funds", icon: WalletOutlined });
  }
  if (can(PaymentQueryService.method.listPayments)) {
    entries.push({ to: "/payments", name: "nav.payments", icon: CreditCardOutlined });
  }
  // Who confirms that money has arrived; its own contract is fetched with the page.
  if (!isDealer(user) && can(RemittanceService.method.confirmRemittance)) {
    entries.push({ to: "/reconciliation", name: "nav.reconciliation", icon: ReconciliationOutlined });
  }
  // Who sees what moved on accounts sees statements of them; their contract is left to their pages.
  if (can(FundsQueryService.method.listFundsEntries)) {
    entries.push({ to: "/statements", name: "nav.statements", icon: FileDoneOutlined });
  }
  // Anyone may ask for shipments; they mean something to whoever sees orders.
  if (can(ShipmentQueryService.method.listShipments) && can(OrderQueryService.method.listOrders)) {
    entries.push({ to: "/shipments", name: "nav.shipments", icon: TruckOutlined });
  }
  if (can(AfterSaleQueryService.method.listAfterSales)) {
    entries.push({ to: "/after-sales", name: "nav.afterSales", icon: CustomerServiceOutlined });
  }
  if (!isDealer(user) && can(StockQueryService.method.listStock)) {
    entries.push({ to: "/stock", name: "nav.stock", icon: InboxOutlined });
  }
  if (can(PromotionQueryService.method.listPromotions)) {
    entries.push({ to: "/promotions", name: "nav.promotions", icon: TagsOutlined });
  }
  if (can(RebateQueryService.method.listRebatePlans)) {
    entries.push({ to: "/rebates", name: "nav.rebates", icon: GiftOutlined });
  }
  if (can(CatalogueQueryService.method.listPriceLists)) {
    entries.push({ to: "/prices", name: "nav.prices", icon: AccountBookOutlined });
  }
  if (can(CatalogueQueryService.method.listAssortmentRules)) {
    entries.push({ to: "/range", name: "nav.range", icon: EyeOutlined });
  }
  if (!isDealer(user)) entries.push({ to: "/dealers", name: "nav.dealers", icon: ShopOutlined });
  if (can(HistoryService.method.getObjectHistory)) {
    entries.push({ to: "/history", name: "nav.history", icon: HistoryOutlined });
  }
  if (can(HistoryService.method.listEvents)) {
    entries.push({ to: "/audit", name: "nav.audit", icon: AuditOutlined });
  }
  if (can(HandoverService.method.getConnection)) {
    entries.push({ to: "/connectors", name: "nav.connectors", icon: ApiOutlined });
  }
  const settings = [UserQueryService.method.listUsers, DeliveryService.method.listWebhooks];
  if (settings.some(can)) {
    entries.push({ to: "/settings", name: "nav.settings", icon: SettingOutlined });
  }
  if (!isDealer(user)) entries.push({ to: "/system", name: "nav.system", icon: ControlOutlined });
  return entries;
}
