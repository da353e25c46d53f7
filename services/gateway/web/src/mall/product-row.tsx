import { Link } from "react-router";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { BASE } from "../prices/words";
import { Breaks } from "../products/breaks";
import { ProductPicture } from "../products/picture";
import { MALL_PATH } from "../shell/surface";
import { leftOf } from "../stock/left";
import { LeftTag } from "../stock/left-tag";
import { useFormat } from "../ui/format";
import { useMall } from "./mall-state";
import { levelsOf, unitWords, usualLevel } from "./pack";
import { Stepper } from "./stepper";

export const productPath = (productId: string) => `${MALL_PATH}/products/${encodeURIComponent(productId)}`;

/** Products below each other, each with its price and the way into the basket. */
export function ProductList({ products, label }: { products: Product[]; label: string }) {
  return (
    <ul className="goods" aria-label={label}>
      {products.map((product) => (
        <ProductRow key={product.productId} product={product} />
      ))}
    </ul>
  );
}

function ProductRow({ product }: { product: Product }) {
  const { quantityOf, put } = useMall();
  return (
    <li className="goods-row goods-pictured" data-product={product.productId}>
      <Link to={productPath(product.productId)} aria-hidden tabIndex={-1}>
        <ProductPicture id={product.pictureId} name="" />
      </Link>
      <div className="goods-words">
        <Link to={productPath(product.productId)} className="goods-name">
          {product.name}
        </Link>
        <ProductMarks product={product} />
        <div className="goods-foot">
          <Price product={product} />
          <Stepper product={product} quantity={quantityOf(product.productId)} onQuantity={(quantity) => put(product, quantity)} />
        </div>
      </div>
    </li>
  );
}

/** What is special about it: a price of one's own, little left. */
export function ProductMarks({ product: { available, isNew, priceListId, productId } }: { product: Product }) {
  const { t } = useI18n();
  return (
    <span className="goods-marks">
      <span className="soft mono">{productId}</span>
      {isNew && <span className="tag tag-gift">{t("product.new")}</span>}
      {priceListId !== "" && priceListId !== BASE && <span className="tag tag-gift">{t("mall.ownPrice")}</span>}
      {available !== undefined && leftOf(available) !== "enough" && <LeftTag available={available} />}
    </span>
  );
}

/** Of one, and of the unit that it is usually ordered in. */
export function Price({ product }: { product: Product }) {
  const { t } = useI18n();
  const format = useFormat();
  const { unitPriceMinor: price, currencyCode, baseUnit, breaks } = product;
  if (price === undefined) return <span className="soft">{t("products.noPrice")}</span>;
  const level = usualLevel(levelsOf(product));
  return (
    <span className="goods-price">
      <span>
        <strong>{format.money(price, currencyCode)}</strong>
        <span className="soft"> / {baseUnit}</span>
      </span>
      {level && level.size > 1 && (
        <span className="soft goods-pack">
          {format.money(price * BigInt(level.size), currencyCode)} / {level.unit} · {unitWords(level.size, baseUnit, format.count)}
        </span>
      )}
      <Breaks breaks={breaks} unit={baseUnit} currency={currencyCode} />
    </span>
  );
}
