import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { createContext, useContext } from "react";
import { SalesQueryService } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { FileQueryService } from "../gen/qudao/collab/v1/file_query_service_pb";
import { FileService } from "../gen/qudao/collab/v1/file_service_pb";
import { AccessLogService } from "../gen/qudao/history/v1/access_log_service_pb";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { OperationsService } from "../gen/qudao/operations/v1/operations_service_pb";
import { AfterSaleQueryService } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import { AssortmentService } from "../gen/qudao/order/v1/assortment_service_pb";
import { CartQueryService } from "../gen/qudao/order/v1/cart_query_service_pb";
import { CartService } from "../gen/qudao/order/v1/cart_service_pb";
import { CatalogueQueryService } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderRulesService } from "../gen/qudao/order/v1/order_rules_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { PaymentQueryService } from "../gen/qudao/order/v1/payment_query_service_pb";
import { PaymentService } from "../gen/qudao/order/v1/payment_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { PromotionQueryService } from "../gen/qudao/order/v1/promotion_query_service_pb";
import { RebateQueryService } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { RebateService } from "../gen/qudao/order/v1/rebate_service_pb";
import { PromotionService } from "../gen/qudao/order/v1/promotion_service_pb";
import { RemittanceService } from "../gen/qudao/order/v1/remittance_service_pb";
import { ShipmentQueryService } from "../gen/qudao/order/v1/shipment_query_service_pb";
import { ShipmentService } from "../gen/qudao/order/v1/shipment_service_pb";
import { WaitingQueryService } from "../gen/qudao/order/v1/waiting_query_service_pb";
import { WaitingService } from "../gen/qudao/order/v1/waiting_service_pb";
import { StockQueryService } from "../gen/qudao/order/v1/stock_query_service_pb";
import { StockService } from "../gen/qudao/order/v1/stock_service_pb";
import { WalletService } from "../gen/qudao/order/v1/wallet_service_pb";
import { DealerService } from "../gen/qudao/partner/v1/dealer_service_pb";
import { IdentityProviderService } from "../gen/qudao/partner/v1/identity_provider_service_pb";
import { IdentityService } from "../gen/qudao/partner/v1/identity_service_pb";
import { InvitationService } from "../gen/qudao/partner/v1/invitation_service_pb";
import { PartnerQueryService } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { RegionService } from "../gen/qudao/partner/v1/region_service_pb";
import { ServiceAccountService } from "../gen/qudao/partner/v1/service_account_service_pb";
import { SessionService } from "../gen/qudao/partner/v1/session_service_pb";
import { TenantService } from "../gen/qudao/partner/v1/tenant_service_pb";
import { UserQueryService } from "../gen/qudao/partner/v1/user_query_service_pb";
import { WebhookService } from "../gen/qudao/partner/v1/webhook_service_pb";
import { ProviderService } from "../gen/qudao/payment/v1/provider_service_pb";
import { HandoverService } from "../gen/qudao/connector/v1/handover_service_pb";
import { ConnectionService } from "../gen/qudao/order/v1/connection_service_pb";
import { DeliveryService } from "../gen/qudao/webhook/v1/delivery_service_pb";

export interface Clients {
  /** What parts that are fetched by themselves make clients of. */
  transport: Transport;
  identity: Client<typeof IdentityService>;
  sessions: Client<typeof SessionService>;
  invitations: Client<typeof InvitationService>;
  programs: Client<typeof ServiceAccountService>;
  provider: Client<typeof IdentityProviderService>;
  tenants: Client<typeof TenantService>;
  users: Client<typeof UserQueryService>;
  sales: Client<typeof SalesQueryService>;
  orders: Client<typeof OrderQueryService>;
  ordering: Client<typeof OrderService>;
  funds: Client<typeof FundsQueryService>;
  credit: Client<typeof CreditService>;
  wallet: Client<typeof WalletService>;
  remitting: Client<typeof RemittanceService>;
  ruling: Client<typeof OrderRulesService>;
  payments: Client<typeof PaymentQueryService>;
  paying: Client<typeof PaymentService>;
  providers: Client<typeof ProviderService>;
  cases: Client<typeof AfterSaleQueryService>;
  handling: Client<typeof AfterSaleService>;
  shipments: Client<typeof ShipmentQueryService>;
  shipping: Client<typeof ShipmentService>;
  stock: Client<typeof StockQueryService>;
  stocking: Client<typeof StockService>;
  backOrders: Client<typeof WaitingQueryService>;
  waiting: Client<typeof WaitingService>;
  promotions: Client<typeof PromotionQueryService>;
  rebates: Client<typeof RebateQueryService>;
  rebating: Client<typeof RebateService>;
  promoting: Client<typeof PromotionService>;
  carts: Client<typeof CartQueryService>;
  carting: Client<typeof CartService>;
  catalogue: Client<typeof CatalogueQueryService>;
  pricing: Client<typeof PriceListService>;
  assortment: Client<typeof AssortmentService>;
  partners: Client<typeof PartnerQueryService>;
  dealers: Client<typeof DealerService>;
  regions: Client<typeof RegionService>;
  history: Client<typeof HistoryService>;
  accessLog: Client<typeof AccessLogService>;
  operations: Client<typeof OperationsService>;
  webhooks: Client<typeof WebhookService>;
  deliveries: Client<typeof DeliveryService>;
  connecting: Client<typeof ConnectionService>;
  handovers: Client<typeof HandoverService>;
  files: Client<typeof FileService>;
  fileLists: Client<typeof FileQueryService>;
}

export function clientsOver(transport: Transport): Clients {
  return {
    transport,
    identity: createClient(IdentityService, transport),
    sessions: createClient(SessionService, transport),
    invitations: createClient(InvitationService, transport),
    programs: createClient(ServiceAccountService, transport),
    provider: createClient(IdentityProviderService, transport),
    tenants: createClient(TenantService, transport),
    users: createClient(UserQueryService, transport),
    sales: createClient(SalesQueryService, transport),
    orders: createClient(OrderQueryService, transport),
    ordering: createClient(OrderService, transport),
    funds: createClient(FundsQueryService, transport),
    credit: createClient(CreditService, transport),
    wallet: createClient(WalletService, transport),
    remitting: createClient(RemittanceService, transport),
    ruling: createClient(OrderRulesService, transport),
    payments: createClient(PaymentQueryService, transport),
    paying: createClient(PaymentService, transport),
    providers: createClient(ProviderService, transport),
    cases: createClient(AfterSaleQueryService, transport),
    handling: createClient(AfterSaleService, transport),
    shipments: createClient(ShipmentQueryService, transport),
    shipping: createClient(ShipmentService, transport),
    stock: createClient(StockQueryService, transport),
    stocking: createClient(StockService, transport),
    backOrders: createClient(WaitingQueryService, transport),
    waiting: createClient(WaitingService, transport),
    promotions: createClient(PromotionQueryService, transport),
    rebates: createClient(RebateQueryService, transport),
    rebating: createClient(RebateService, transport),
    promoting: createClient(PromotionService, transport),
    carts: createClient(CartQueryService, transport),
    carting: createClient(CartService, transport),
    catalogue: createClient(CatalogueQueryService, transport),
    pricing: createClient(PriceListService, transport),
    assortment: createClient(AssortmentService, transport),
    partners: createClient(PartnerQueryService, transport),
    dealers: createClient(DealerService, transport),
    regions: createClient(RegionService, transport),
    history: createClient(HistoryService, transport),
    accessLog: createClient(AccessLogService, transport),
    operations: createClient(OperationsService, transport),
    webhooks: createClient(WebhookService, transport),
    deliveries: createClient(DeliveryService, transport),
    connecting: createClient(ConnectionService, transport),
    handovers: createClient(HandoverService, transport),
    files: createClient(FileService, transport),
    fileLists: createClient(FileQueryService, transport),
  };
}

export const ClientsContext = createContext<Clients | undefined>(undefined);

export function useClients(): Clients {
  const clients = useContext(ClientsContext);
  if (!clients) throw new Error("ClientsContext is missing");
  return clients;
}
