// The services of the gateway over the made-up brand. Sign in with any tenant and password; the
// login `dealer` is a dealer's person, `operator` runs the installation, `fail` is refused.
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport, type Transport } from "@connectrpc/connect";
import { carry, type Wire } from "../api/transport";
import { sum } from "../format/number";
import { OrderMetricsQueryService } from "../gen/qudao/bi/v1/order_metrics_query_service_pb";
import { SalesQueryService } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { FileQueryService } from "../gen/qudao/collab/v1/file_query_service_pb";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { OperationsService } from "../gen/qudao/operations/v1/operations_service_pb";
import { ListProductsRequestSchema, OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { CreditStanding, OrderService, type SubmitOrderRequest } from "../gen/qudao/order/v1/order_service_pb";
import { demoAfterSales } from "./after-sales";
import { demoCarts } from "./carts";
import { demoCatalogue } from "./catalogue";
import { querySales } from "./cube";
import { demoDealers } from "./dealers";
import { demoOperations } from "./operations";
import { demoFunds } from "./funds";
import { demoFundsWorld } from "./funds-world";
import { eventRows, STORY, storyRows } from "./events";
import { demoOnline } from "./online";
import { orderMetrics } from "./order-metrics";
import { demoPeople } from "./people";
import { meansOf, paymentOf, payLess } from "./payments";
import { demoPromotions, demoQuote } from "./promotions";
import { demoRebates } from "./rebates";
import { demoRegions } from "./regions";
import { demoShipments } from "./shipments";
import { demoStatements } from "./statements";
import { demoStock } from "./stock";
import { demoWebhooks } from "./webhooks";
import { orderDetail, orderRows, paged, stateOf } from "./rows";
import { demoWorld, record, type DemoOrder, type World } from "./world";

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

export function previewTransport(wire: Wire, world: World = demoWorld(), people = demoPeople(world)): Transport {
  let waiting: (() => void)[] = [];
  const answered = new Map<string, { objectId: string; version: bigint; position: bigint }>();
  const fresh = () => ({
    position: world.position,
    eventTime: new Date(Date.parse(world.movedAt) - 400).toISOString(),
    appliedAt: world.movedAt,
  });
  const moved = (order: DemoOrder, requestId: string) => {
    world.position += 1n;
    world.movedAt = new Date().toISOString();
    wake();
    const receipt = { objectId: order.orderId, version: BigInt(order.events.length), position: world.position };
    answered.set(requestId, receipt);
    return { receipt };
  };
  const find = (orderId: string) => {
    const order = world.orders.find((o) => o.orderId === orderId);
    if (!order) throw new ConnectError("no such order", Code.NotFound);
    return order;
  };
  const wake = () => {
    for (const one of waiting) one();
    waiting = [];
  };
  const operations = demoOperations(world, wake);
  const funds = demoFundsWorld(world);
  const catalogue = demoCatalogue(world, fresh, () => {
    world.movedAt = new Date().toISOString();
    wake();
  });
  const stock = demoStock(world, () => funds.rules.stockChecked, fresh, wake);
  const afterSales = demoAfterSales(world, fresh, wake);
  const online = demoOnline(world, fresh, wake);
  const range = (dealerId: string) => catalogue.products(create(ListProductsRequestSchema, { dealerId })).map(stock.told);
  const carts = demoCarts(world, range, fresh, wake);
  const statuses = () => operations.statuses(fresh());
  const submit = (request: SubmitOrderRequest) => {
    const known = answered.get(request.requestId);
    if (known) return { receipt: known };
    stock.reserve(request.lines);
    const at = new Date().toISOString();
    const net = request.netMinor ?? 0n;
    const payment = paymentOf(world, funds, request.dealerId, net, request.payment);
    const order: DemoOrder = {
      ...(payment && { payment }),
      orderId: `N-${world.orders.length + 1}`,
      dealerId: request.dealerId,
      date: at.slice(0, 10),
      submittedAt: at,
      lines: request.lines.map((line) => ({
        productId: line.productId,
        quantity: line.quantity,
        priceMinor: line.unitPriceMinor ?? 0n,
        shipped: 0,
        received: 0,
      })),
      confirmed: false,
      cancelled: "",
      note: request.note,
      events: [],
    };
    record(order, "OrderSubmitted", `提交了订单 ${order.orderId}`, `Order ${order.orderId} was submitted`, at);
    world.orders.unshift(order);
    carts.end(request.cartId);
    return moved(order, request.requestId);
  };
  const change = (orderId: string, requestId: string, type: string, zh: string, en: string, apply: (o: DemoOrder) => void) => {
    const order = find(orderId);
    apply(order);
    record(order, type, zh, en, new Date().toISOString());
    return moved(order, requestId);
  };

  return createRouterTransport(
    (router) => {
      const { service } = router;
      people(router);
      demoWebhooks(world)(router);
      demoRegions(world, fresh)(router);
      demoPromotions(world, fresh)(router);
      demoRebates(world, fresh)(router);
      demoDealers(world)(router);
      catalogue.serve(router);
      stock.serve(router);
      carts.serve(router);
      online.serve(router);
      afterSales.serve(router);
      demoShipments(world, fresh, wake)(router);
      demoFunds(world, funds, fresh, wake)(router);
      demoStatements(world, funds, fresh, wake)(router);
      service(SalesQueryService, {
        querySales: async (request) => {
          await pause(120);
          return { ...querySales(world, request), freshness: fresh() };
        },
      });
      service(OrderMetricsQueryService, {
        getOrderMetrics: (request) => ({ ...orderMetrics(world, request), freshness: fresh() }),
      });
      service(OrderQueryService, {
        getOrderTodos: () => ({}),
        listOrders: (request) => ({ ...paged("orders", orderRows(world, request), request.page), freshness: fresh() }),
        getOrder: ({ orderId }) => ({ ...orderDetail(world, find(orderId)), freshness: fresh() }),
        listProducts: (request) => ({ ...paged("products", catalogue.products(request).map(stock.told), request.page), freshness: fresh() }),
        getProduct: ({ dealerId, productId }) => {
          const [product] = catalogue.products(create(ListProductsRequestSchema, { dealerId, productIds: [productId] }));
          if (!product) throw new ConnectError("no such product", Code.NotFound);
          return { product: stock.told(product), freshness: fresh() };
        },
      });
      // The gateway alone takes files.
      service(FileQueryService, { listFiles: () => ({ files: [], page: { total: 0n }, freshness: fresh() }) });
      service(OrderService, {
        quoteOrder: async (request) => {
          await pause(200);
          const quote = demoQuote(world, request, catalogue);
          const payment = paymentOf(world, funds, request.dealerId, quote.netMinor, request.payment);
          const lines = quote.lines.map(stock.quoted);
          return { ...quote, lines, ...(payment && { payment, ...meansOf(world, funds, request.dealerId, quote.netMinor) }) };
        },
        submitOrder: async (request) => {
          await pause(300);
          return submit(request);
        },
        confirmOrder: (r) =>
          change(r.orderId, r.requestId, "OrderConfirmed", "订单审核通过", "The order was confirmed", (o) => {
            o.confirmed = true;
          }),
        payOrder: (r) =>
          change(r.orderId, r.requestId, "PaymentAllocated", "订单付款", "The order was paid", (o) => {
            if (o.payment) Object.assign(o.payment, { prepaidMinor: o.payment.prepaidMinor + o.payment.openMinor, openMinor: 0n });
          }),
        releaseCreditHold: (r) =>
          change(r.orderId, r.requestId, "CreditHoldReleased", `解除信用冻结：${r.reason}`, `Released: ${r.reason}`, (o) => {
            if (o.payment) Object.assign(o.payment, { creditStanding: CreditStanding.RESERVED, holdReasons: [], missingCreditMinor: 0n });
          }),
        refuseCredit: (r) =>
          change(r.orderId, r.requestId, "CreditRefused", `拒绝授信：${r.reason}`, `Refused: ${r.reason}`, (o) => {
            o.cancelled = r.reason;
          }),
        cancelOrder: (r) =>
          change(r.orderId, r.requestId, "OrderCancelled", `订单取消：${r.reason}`, `Cancelled: ${r.reason}`, (o) => {
            o.cancelled = r.reason;
            stock.release(o.lines);
          }),
        closeOrderShort: (r) =>
          change(r.orderId, r.requestId, "OrderShortClosed", `订单欠量关闭：${r.reason}`, `Closed short: ${r.reason}`, (o) => {
            o.closedShort = r.reason;
            const rest = o.lines.map((line) => ({ ...line, quantity: line.quantity - line.shipped }));
            stock.release(rest);
            for (const line of o.lines) line.closed = line.quantity - line.shipped;
            if (o.payment) payLess(o.payment, sum(rest.map((line) => line.priceMinor * BigInt(line.quantity))));
          }),
        shipOrder: (r) =>
          change(r.orderId, r.requestId, "OrderShipped", "发货", "Goods were shipped", (o) => {
            for (const { lineNo, quantity } of r.lines) {
              const line = o.lines[lineNo - 1];
              if (line) line.shipped += quantity;
            }
          }),
        receiveOrder: (r) =>
          change(r.orderId, r.requestId, "OrderReceived", "签收", "Goods were received", (o) => {
            for (const { lineNo, quantity } of r.lines) {
              const line = o.lines[lineNo - 1];
              if (line) line.received += quantity;
            }
            afterSales.differ(o, r.differences);
          }),
        rateOrder: (r) =>
          change(r.orderId, r.requestId, "OrderRated", "评价订单", "The order was rated", (o) => {
            o.rating = { goods: r.goods, service: r.service, comment: r.comment };
          }),
      });
      service(HistoryService, {
        getObjectHistory: ({ object }) => {
          if (object.startsWith("payment/")) return { entries: online.history(object.replace("payment/", "")) };
          const order = find(object.replace(/^order\//, ""));
          return { entries: order.events.map((event, i) => stateOf(world, order, event, i)) };
        },
        listEvents: (request) => eventRows(world, request),
        getCausationTree: () => ({ correlationId: STORY, nodes: storyRows(world) }),
      });
      service(OperationsService, {
        ...operations.service,
        listProjections: () => ({ projections: statuses() }),
        watchProjections: async function* (_, { signal }) {
          while (!signal.aborted) {
            yield { projections: statuses() };
            await new Promise<void>((done) => {
              waiting.push(done);
              signal.addEventListener("abort", () => done());
            });
          }
        },
      });
    },
    { transport: { interceptors: [carry(wire)] } },
  );
}
