import type { ListedPrice, PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { Breaks } from "../products/breaks";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { PriceButtons, usePriceActions, type PriceAct } from "./price-actions";

interface Props {
  list: PriceList;
  prices: ListedPrice[];
  onAct: (act: PriceAct) => void;
}

export function PriceTable({ list, prices, onAct }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const kinds = usePriceActions();
  const currency = list.currencyCode;
  const name = (price: ListedPrice) => price.productName || <span className="soft">{t("prices.notPublished")}</span>;
  const floor = ({ floorPriceMinor }: ListedPrice) => (floorPriceMinor === undefined ? "" : format.money(floorPriceMinor, currency));
  // Floors are not told to everybody, and a list without any needs no column for them.
  const floors: Column<ListedPrice>[] = prices.some(({ floorPriceMinor }) => floorPriceMinor !== undefined)
    ? [{ key: "floor", title: t("products.floor"), number: true, cell: floor }]
    : [];
  return (
    <DataTable
      label={t("prices.tab.prices")}
      rows={prices}
      rowKey={(price) => price.productId}
      columns={[
        { key: "name", title: t("dimension.product"), cell: name },
        { key: "id", title: t("products.id"), cell: (price) => <span className="mono">{price.productId}</span> },
        { key: "price", title: t("prices.today"), number: true, cell: (price) => <Today price={price} currency={currency} /> },
        { key: "announced", title: t("prices.announced"), cell: (price) => <Announced price={price} currency={currency} /> },
        ...floors,
      ]}
      {...(kinds.length > 0 && {
        actions: (price: ListedPrice) => <PriceButtons kinds={kinds} price={price} onAct={onAct} />,
      })}
      card={(price) => (
        <>
          <span className="card-line">
            <strong>{name(price)}</strong>
            <Today price={price} currency={currency} />
          </span>
          <span className="card-line soft">
            <span className="mono">{price.productId}</span>
            {floor(price) && (
              <span>
                {t("products.floor")} {floor(price)}
              </span>
            )}
          </span>
          {price.announced.length > 0 && <Announced price={price} currency={currency} />}
        </>
      )}
    />
  );
}

interface CellProps {
  price: ListedPrice;
  currency: string;
}

/** What one costs today, and what larger quantities cost. */
function Today({ price, currency }: CellProps) {
  const { t } = useI18n();
  const format = useFormat();
  if (price.unitPriceMinor === undefined) return <span className="soft">{t("prices.notYet")}</span>;
  return (
    <span className="num">
      <strong>{format.money(price.unitPriceMinor, currency)}</strong>
      {price.baseUnit && ` / ${price.baseUnit}`}
      <Breaks breaks={price.breaks} unit={price.baseUnit} currency={currency} />
    </span>
  );
}

/** What it will cost, and from when on. */
function Announced({ price, currency }: CellProps) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <span className="announced">
      {price.announced.map((one) => (
        <span key={one.effectiveOn}>
          <span className="tag tag-announced">
            {t("prices.announced.on", { day: one.effectiveOn, price: format.money(one.unitPriceMinor, currency) })}
          </span>
          <Breaks breaks={one.breaks} unit={price.baseUnit} currency={currency} />
        </span>
      ))}
    </span>
  );
}
