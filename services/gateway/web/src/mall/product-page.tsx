import { ShoppingCartOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { Gallery } from "../products/gallery";
import { MALL_PATH } from "../shell/surface";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { Empty, Loading, QueryView } from "../ui/states";
import { MallPage } from "./mall-page";
import { useMall } from "./mall-state";
import { levelsOf, packedWords, unitWords, usualLevel } from "./pack";
import { PriceWhy } from "./price-why";
import { Price, ProductMarks } from "./product-row";
import { ProductOffers } from "./product-offers";
import { canOrder } from "./range";
import { Stepper } from "./stepper";

export default function ProductPage() {
  const { t } = useI18n();
  const { id = "" } = useParams();
  const { catalogue } = useMall();
  const known = catalogue.data?.byId.get(id);
  const beyond = useBeyond(id, catalogue.data !== undefined && known === undefined && !catalogue.data.complete);
  const product = known ?? beyond.data;
  return (
    <MallPage title={product?.name ?? t("dimension.product")} back={`${MALL_PATH}/categories`} className="mall-product">
      {product ? (
        <Detail key={id} product={product} />
      ) : (
        <QueryView query={catalogue} skeleton={<Loading rows={8} />}>
          {() => (beyond.loading ? <Loading rows={8} /> : <Empty title={t("mall.product.none")} todo={t("mall.product.none.todo")} />)}
        </QueryView>
      )}
    </MallPage>
  );
}

/** A product that is beyond what is kept here. */
function useBeyond(id: string, enabled: boolean) {
  const orders = useClient(OrderQueryService);
  const { dealerId } = useMall();
  return useQuery(
    `mall-product/${id}`,
    async (signal) => {
      const { products } = await orders.listProducts({ dealerId, search: id, page: { size: 200 } }, { signal });
      return products.find(({ productId }) => productId === id);
    },
    { enabled },
  );
}

/** What lists do not tell: texts, and all pictures. */
function useTold({ productId }: Product) {
  const orders = useClient(OrderQueryService);
  const { dealerId } = useMall();
  const query = useQuery(`mall-told/${productId}`, (signal) => orders.getProduct({ productId, dealerId }, { signal }), {
    tick: useTick("products"),
    keep: true,
  });
  return query.data;
}

function Detail({ product: listed }: { product: Product }) {
  const { locale } = useI18n();
  const told = useTold(listed);
  // The range is read again now and then; what this page is about, whenever it has changed.
  const product = told?.product ?? listed;
  const [first, second] = locale === "en" ? [told?.descriptionEn, told?.descriptionZh] : [told?.descriptionZh, told?.descriptionEn];
  const described = first || second;
  const levels = levelsOf(product);
  const [quantity, setQuantity] = useState(usualLevel(levels)?.size ?? 1);
  return (
    <>
      <section className="mall-card">
        <Gallery ids={told?.pictureIds ?? (product.pictureId ? [product.pictureId] : [])} name={product.name} />
        <ProductMarks product={product} />
        <Price product={product} />
        {described && <p className="product-description">{described}</p>}
        <Facts product={product} storage={told?.storage ?? ""} />
      </section>
      <ProductOffers product={product} quantity={Math.max(1, quantity)} />
      <PriceWhy product={product} quantity={Math.max(1, quantity)} />
      <AddBar product={product} quantity={quantity} onQuantity={setQuantity} />
    </>
  );
}

function Facts({ product, storage }: { product: Product; storage: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const packs = product.packagings.map(({ unit, baseQuantity }) =>
    t("mall.pack", { one: unitWords(1, unit, format.count), base: unitWords(baseQuantity, product.baseUnit, format.count) }),
  );
  return (
    <FactList
      facts={[
        [t("dimension.category"), product.categoryPath.join(" › ")],
        ...facts(
          [t("product.brandSeries"), [product.brand, product.series].filter(Boolean).join(" · ")],
          [t("product.shelfLife"), product.shelfLifeDays > 0 ? t("product.days", { n: product.shelfLifeDays }) : ""],
          [t("product.storage"), storage],
          [t("product.barcode"), product.barcodes.map(({ unit, barcode }) => `${unit} ${barcode}`).join(" · ")],
        ),
        [t("mall.packs"), packs.length > 0 ? packs.join(t("promotion.and")) : t("mall.pack.none", { base: product.baseUnit })],
      ]}
    />
  );
}

/** Those that are known. */
const facts = (...all: [string, string][]) => all.filter(([, value]) => value !== "");

interface AddProps {
  product: Product;
  quantity: number;
  onQuantity: (quantity: number) => void;
}

/** Below, where the thumb is: how many, and into the basket. */
function AddBar({ product, quantity, onQuantity }: AddProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { message } = App.useApp();
  const { quantityOf, put, waits } = useMall();
  const there = quantityOf(product.productId);
  const levels = levelsOf(product);
  const add = () => {
    put(product, there + quantity);
    void message.success(t("mall.added", { quantity: packedWords(quantity, levels, format.count) }));
  };
  return (
    <div className="mall-bar add-bar">
      {there > 0 && (
        <p className="soft" data-in-cart={there}>
          {t("mall.inCart", { quantity: packedWords(there, levels, format.count) })}
        </p>
      )}
      <Stepper open product={product} quantity={quantity} onQuantity={onQuantity} />
      <Button
        type="primary"
        size="large"
        icon={<ShoppingCartOutlined />}
        disabled={!canOrder(product, waits) || quantity === 0}
        data-add-to-cart
        onClick={add}
      >
        {t("mall.add")}
      </Button>
    </div>
  );
}
