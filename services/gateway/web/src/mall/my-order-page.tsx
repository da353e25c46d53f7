import { useState } from "react";
import { useLocation, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, type GetOrderResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { OrderActions } from "../orders/actions";
import { PayOnline } from "../payments/pay-online";
import { useProviders } from "../payments/use-providers";
import { MALL_PATH } from "../shell/surface";
import { FreshnessMark } from "../ui/freshness";
import { Loading, QueryView } from "../ui/states";
import { MallPage } from "./mall-page";
import { ORDER_SECTIONS } from "./order-sections";

export default function MyOrderPage() {
  const { id = "" } = useParams();
  return <MyOrder key={id} id={id} />;
}

function MyOrder({ id }: { id: string }) {
  const { t } = useI18n();
  const orders = useClient(OrderQueryService);
  const state = useLocation().state as { position?: string } | null;
  const [seen, setSeen] = useState(BigInt(state?.position ?? "0"));
  const query = useQuery(`order/${id}/${seen}`, (signal) => orders.getOrder({ orderId: id, minPosition: seen }, { signal }), {
    tick: useTick("orders"),
    keep: true,
  });
  const providers = useProviders(query.data);
  return (
    <MallPage title={t("order.title", { id })} back={`${MALL_PATH}/orders`} className="my-order">
      <QueryView query={query} skeleton={<Loading rows={10} />}>
        {(order) => (
          <>
            <Sections order={order} />
            <div className="mall-bar order-bar">
              <PayOnline order={order} providers={providers} onMoved={setSeen} />
              <OrderActions order={order} paysOnline={providers.length > 0} onDone={setSeen} onStale={query.refetch} />
            </div>
          </>
        )}
      </QueryView>
    </MallPage>
  );
}

function Sections({ order }: { order: GetOrderResponse }) {
  return (
    <>
      {ORDER_SECTIONS.map(({ name, Section }) => (
        <Section key={name} order={order} />
      ))}
      <FreshnessMark freshness={order.freshness} projection="orders" />
    </>
  );
}
