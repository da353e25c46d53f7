import { PlusOutlined, SearchOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import { useClients } from "../api/clients";
import { useQuery } from "../api/use-query";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { Empty, QueryView } from "../ui/states";
import { useSlow } from "../ui/use-slow";

interface Props {
  quantityOf: (productId: string) => number;
  onAdd: (product: Product) => void;
}

export function ProductFinder({ quantityOf, onAdd }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const { orders } = useClients();
  const [text, setText] = useState("");
  const search = useSlow(text.trim(), 250);
  const query = useQuery(
    `find/${search}`,
    (signal) => orders.listProducts({ search, page: { size: 30 } }, { signal }),
    { keep: true },
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
              <Found key={product.productId} product={product} chosen={quantityOf(product.productId)} onAdd={onAdd} />
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

function Found({ product, chosen, onAdd }: { product: Product; chosen: number; onAdd: (product: Product) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const price = product.unitPriceMinor;
  const orderable = price !== undefined && !product.retired;
  return (
    <li>
      <span>
        {product.name}
        <span className="soft"> {product.categoryPath.join(" › ")}</span>
      </span>
      <span className="num">
        {price === undefined ? (
          <span className="soft">{t("products.noPrice")}</span>
        ) : (
          format.money(price, product.currencyCode)
        )}
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
