import { Button } from "antd";
import { PlusOutlined } from "@ant-design/icons";
import { useState } from "react";
import type { ListedPrice, PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { FloorDialog } from "./floor-dialog";
import { PriceDialog } from "./price-dialog";
import { WithdrawDialog } from "./withdraw-dialog";

interface SetProps {
  list: PriceList;
  onDone: (position: bigint) => void;
}

/** The way to the price of a product that has none on the list yet. */
export function SetPriceButton({ list, onDone }: SetProps) {
  const { t } = useI18n();
  const may = useMay();
  const [open, setOpen] = useState(false);
  if (!may(PriceListService.method.setBasePrices)) return null;
  const done = (position: bigint) => {
    setOpen(false);
    onDone(position);
  };
  return (
    <>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {t("prices.set")}
      </Button>
      {open && <PriceDialog list={list} onClose={() => setOpen(false)} onDone={done} />}
    </>
  );
}

const ACTIONS = ["change", "floor", "withdraw"] as const;

const METHODS = {
  change: PriceListService.method.setBasePrices,
  floor: PriceListService.method.setFloorPrices,
  withdraw: PriceListService.method.withdrawPrices,
} as const;

export interface PriceAct {
  kind: (typeof ACTIONS)[number];
  price: ListedPrice;
}

/** What this person can do with the prices of a list. */
export function usePriceActions(): PriceAct["kind"][] {
  const may = useMay();
  return ACTIONS.filter((kind) => may(METHODS[kind]));
}

interface ButtonsProps {
  kinds: PriceAct["kind"][];
  price: ListedPrice;
  onAct: (act: PriceAct) => void;
}

export function PriceButtons({ kinds, price, onAct }: ButtonsProps) {
  const { t } = useI18n();
  const name = price.productName || price.productId;
  return (
    <>
      {kinds.map((kind) => (
        <Button
          key={kind}
          size="small"
          danger={kind === "withdraw"}
          aria-label={t(`prices.${kind}.of`, { name })}
          onClick={() => onAct({ kind, price })}
        >
          {t(`prices.${kind}`)}
        </Button>
      ))}
    </>
  );
}

interface DialogProps {
  act: PriceAct;
  list: PriceList;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

export function PriceActDialog({ act: { kind, price }, ...rest }: DialogProps) {
  switch (kind) {
    case "change":
      return <PriceDialog price={price} {...rest} />;
    case "floor":
      return <FloorDialog price={price} {...rest} />;
    case "withdraw":
      return <WithdrawDialog price={price} {...rest} />;
  }
}
