import { App } from "antd";
import { useClient } from "../api/clients";
import type { ListedPrice, PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { BASE } from "./words";

interface Props {
  list: PriceList;
  price: ListedPrice;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Takes the price of a product off a list, with all that is announced. */
export function WithdrawDialog({ list, price, onClose, onDone }: Props) {
  const { t } = useI18n();
  const pricing = useClient(PriceListService);
  const { message } = App.useApp();
  const command = useCommand((position) => {
    void message.success(t("prices.withdraw.done"));
    onDone(position);
  });
  const { productId, productName, announced, floorPriceMinor } = price;
  const name = productName || productId;
  const body = { priceListId: list.priceListId, productIds: [productId] };
  return (
    <AskFirst
      title={t("prices.withdraw.title", { name, list: list.name })}
      okText={t("prices.withdraw")}
      danger
      state={command}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => pricing.withdrawPrices({ requestId, ...body }))}
    >
      <p>{t(list.priceListId === BASE ? "prices.withdraw.base" : "prices.withdraw.consequence", { name })}</p>
      {announced.length > 0 && <p>{t("prices.withdraw.announced", { n: announced.length })}</p>}
      {floorPriceMinor !== undefined && <p>{t("prices.withdraw.floor")}</p>}
      <p>{t("prices.withdraw.orders")}</p>
    </AskFirst>
  );
}
