import { App, Input } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { showDecimal } from "../format/decimal";
import { currencyDigits, currencySymbol } from "../format/money";
import type { ListedPrice, PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { parseFloorPrice } from "./price-form";

interface Props {
  list: PriceList;
  price: ListedPrice;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

const FIELD = "floors[0].floor_price_minor";

/** Sets what a product costs at least, whatever promotions there are. */
export function FloorDialog({ list, price, onClose, onDone }: Props) {
  const { t } = useI18n();
  const pricing = useClient(PriceListService);
  const { message } = App.useApp();
  const currency = list.currencyCode;
  const [text, setText] = useState(() => showDecimal(price.floorPriceMinor ?? 0n, currencyDigits(currency)));
  const floor = parseFloorPrice(text, currency);
  const command = useCommand((position) => {
    void message.success(t("prices.floor.done"));
    onDone(position);
  });
  const told = useFieldProblems(command.error);
  const { productId } = price;
  const send = (requestId: string) =>
    pricing.setFloorPrices({ requestId, priceListId: list.priceListId, floors: [{ productId, floorPriceMinor: floor ?? 0n }] });
  return (
    <FormDialog
      title={t("prices.floor.of", { name: price.productName || productId })}
      okText={t("classes.define.save")}
      ready={floor !== undefined}
      command={command}
      fields={[FIELD]}
      onClose={onClose}
      onOk={() => void command.run([list.priceListId, productId, text], send)}
    >
      <p>{t("prices.floor.note")}</p>
      <Field label={t("products.floor")} problem={floor === undefined ? t("promo.price.bad") : told(FIELD)} hint={t("prices.floor.hint")}>
        <Input
          name="floor-price"
          inputMode="decimal"
          prefix={currencySymbol(currency)}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
