import { PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { Breaks } from "../products/breaks";
import { leftOf } from "../stock/left";
import { LeftTag } from "../stock/left-tag";
import { STOCK, STOCK_AGAIN_MS } from "../stock/words";
import { useFormat } from "../ui/format";
import { Empty, QueryView } from "../ui/states";
import { useSeldom, useSlow } from "../ui/use-slow";
import { useBackOrders } from "../waiting/use-back-orders";

/** The read model moves with every product; prices do so seldom. */
const AGAIN_MS = 5_000;

interface Props {
  /** Whose prices and visible range; while none is chosen, all products at base prices. */
  dealerId: string;
  quantityOf: (productId: string) => number;
  onAdd: (product: Product) => void;
}

export function ProductFinder({ dealerId, quantityOf, onAdd }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const orders = useClient(OrderQueryService);
  const waits = useBackOrders();
  const [text, setText] = useState("");
  const search = useSlow(text.trim(), 250);
  const query = useQuery(
    `find/${dealerId}/${search}`,
    async (signal) => ({ dealerId, ...(await orders.listProducts({ dealerId, search, page: { size: 30 } }, { signal })) }),
    { tick: `${useSeldom(useTick("products"), AGAIN_MS)}/${useSeldom(useTick(STOCK), STOCK_AGAIN_MS)}`, keep: true },
  );
  return (
    <>
      <Input
        type="search"
        size="large"
        allowClear
        prefix={<SearchOutlined aria-hidden />}
        aria-label={t("products.search")}
        placeholder={t("products.search")}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <QueryView
        query={query}
        isEmpty={(data) => data.products.length === 0}
        empty={<Empty title={t("products.none")} todo={t("products.none.todo")} />}
      >
        {(data) => (
          <ul className="finder">
            {data.products.map((product) => (
              <Found
                key={product.productId}
                product={product}
                // What is still shown of another dealer has the prices of that one.
                current={data.dealerId === dealerId}
                waits={waits}
                chosen={quantityOf(product.productId)}
                onAdd={onAdd}
              />
            ))}
            {data.page?.nextToken && (
              <li className="soft">{t("newOrder.refine", { n: format.count(data.page.total) })}</li>
            )}
          </ul>
        )}
      </QueryView>
    </>
  );
}

interface FoundProps {
  product: Product;
  /** Whether it is as the chosen dealer sees it. */
  current: boolean;
  /** Whether what is not there can be ordered, and waits. */
  waits: boolean;
  chosen: number;
  onAdd: (product: Product) => void;
}

function Found({ product, current, waits, chosen, onAdd }: FoundProps) {
  const { t } = useI18n();
  const format = useFormat();
  const price = product.unitPriceMinor;
  const left = leftOf(product.available);
  const orderable = current && price !== undefined && !product.retired && (left !== "out" || waits);
  return (
    <li data-product={product.productId}>
      <span>
        {product.name}
        <span className="soft"> {product.categoryPath.join(" › ")}</span>
        {product.available !== undefined && left !== "enough" && (
          <>
            {" "}
            <LeftTag available={product.available} />
          </>
        )}
      </span>
      <span className="num">
        {price === undefined ? (
          <span className="soft">{t("products.noPrice")}</span>
        ) : (
          format.money(price, product.currencyCode)
        )}
        <Breaks breaks={product.breaks} unit={product.baseUnit} currency={product.currencyCode} />
      </span>
      <Button
        icon={<PlusOutlined />}
        disabled={!orderable}
        aria-label={t("newOrder.addOne", { name: product.name })}
        onClick={() => onAdd(product)}
      >
        {chosen > 0 ? format.count(chosen) : ""}
      </Button>
    </li>
  );
}
