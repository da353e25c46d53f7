import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useEffect } from "react";
import { Link, useNavigate } from "react-router";
import type { Product } from "../gen/qudao/order/v1/order_query_service_pb";
import type { QuotedLine } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { BasketFoot, Refused } from "../orders/basket-foot";
import { BasketOffers } from "../orders/basket-offers";
import { BasketPayment } from "../orders/basket-payment";
import { lineGross, linePrice, seenIn, setQuantity, shortOf, type DraftLine } from "../orders/draft";
import { PriceDialog } from "../orders/price-dialog";
import { useQuote, type Quoted } from "../orders/use-quote";
import { ProductPicture } from "../products/picture";
import { MALL_PATH } from "../shell/surface";
import { LeftTag } from "../stock/left-tag";
import { useFormat } from "../ui/format";
import { Empty, Failure } from "../ui/states";
import { BackOrderChoice } from "../waiting/back-order-choice";
import { MallPage } from "./mall-page";
import { useMall } from "./mall-state";
import { useOnline } from "./pwa";
import { productPath } from "./product-row";
import { Stepper } from "./stepper";

export default function CartPage() {
  const { t } = useI18n();
  const { basket } = useMall();
  const { draft, changes, moved, accept, decline } = basket;
  return (
    <MallPage title={t("mall.cart")} className="mall-cart">
      {draft.lines.length === 0 ? <Nothing /> : <Cart />}
      {changes.length > 0 && <PriceDialog changes={changes} moved={moved} onAccept={accept} onClose={decline} />}
    </MallPage>
  );
}

function Nothing() {
  const { t } = useI18n();
  const navigate = useNavigate();
  return (
    <Empty
      title={t("mall.cart.none")}
      todo={t("mall.cart.none.todo")}
      action={
        <Button type="primary" size="large" onClick={() => void navigate(`${MALL_PATH}/categories`)}>
          {t("mall.cart.choose")}
        </Button>
      }
    />
  );
}

function Cart() {
  const { t } = useI18n();
  const { basket } = useMall();
  const { draft, submit, busy, error, seen } = basket;
  const quoted = useQuote(draft);
  const { quote, exact } = quoted;
  const online = useOnline();
  useEffect(() => {
    // What was refused may have been right when it was quoted.
    if (error !== undefined) quoted.again();
  }, [error]);
  // Where nobody can say how it is now, the order itself is told.
  const short = quoted.error === undefined ? shortOf(draft, quote) : 0;
  return (
    <>
      <div className="cart-parts">
        <Lines quoted={quoted} />
        <div className="cart-rest">
          <Terms quoted={quoted} />
          {error !== undefined ? (
            <div className="mall-card basket">
              <Refused error={error} seen={seen} quoted={quoted} />
            </div>
          ) : (
            quoted.error !== undefined && <Failure error={quoted.error} retry={quoted.again} />
          )}
        </div>
      </div>
      <div className="mall-bar">
        {short > 0 && (
          <p className="basket-short" role="alert">
            {t("newOrder.short", { n: short })}
          </p>
        )}
        <BasketFoot
          draft={draft}
          quoted={quoted}
          busy={busy}
          ready={short === 0 && online}
          onSubmit={() => void submit(exact && quote ? seenIn(quote) : undefined)}
        />
      </div>
    </>
  );
}

/** What promotions bring, from what it is paid, and a word to the brand. */
function Terms({ quoted: { quote, exact } }: { quoted: Quoted }) {
  const { t } = useI18n();
  const { draft, setDraft } = useMall().basket;
  return (
    <>
      {quote && (
        <section className="mall-card cart-offers">
          <BasketOffers quote={quote} stale={!exact} />
        </section>
      )}
      {quote?.payment && (
        <section className="mall-card">
          <BasketPayment
            quote={quote}
            without={draft.without ?? []}
            stale={!exact}
            onChange={(without) => setDraft((before) => ({ ...before, without }))}
          />
        </section>
      )}
      {quote && (
        <BackOrderChoice
          className="mall-card cart-waits"
          draft={draft}
          quote={quote}
          onChange={(backOrder) => setDraft((before) => ({ ...before, backOrder }))}
        />
      )}
      <label className="field mall-card">
        {t("newOrder.note")}
        <Input.TextArea
          autoSize={{ minRows: 1, maxRows: 5 }}
          maxLength={500}
          value={draft.note}
          onChange={(event) => setDraft((before) => ({ ...before, note: event.target.value }))}
        />
      </label>
    </>
  );
}

function Lines({ quoted: { quote } }: { quoted: Quoted }) {
  const { t } = useI18n();
  const { basket, catalogue } = useMall();
  const { draft, setDraft } = basket;
  const quoted = new Map(quote?.lines.map((line) => [line.productId, line]));
  return (
    <ul className="goods cart-lines" aria-label={t("mall.cart")}>
      {draft.lines.map((line) => (
        <Line
          key={line.productId}
          line={line}
          product={catalogue.data?.byId.get(line.productId)}
          quoted={quoted.get(line.productId)}
          onQuantity={(quantity) => setDraft((before) => setQuantity(before, line.productId, quantity))}
        />
      ))}
    </ul>
  );
}

interface LineProps {
  line: DraftLine;
  /** As the dealer sees it now; absent while nobody knows, and of what is not to be had any more. */
  product: Product | undefined;
  quoted: QuotedLine | undefined;
  onQuantity: (quantity: number) => void;
}

function Line({ line, product, quoted, onQuantity }: LineProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { productId, name, unit, quantity } = line;
  return (
    <li className="cart-line" data-product={productId}>
      <div className="cart-line-head">
        <Link to={productPath(productId)} className="goods-name product-named">
          <ProductPicture id={product?.pictureId ?? ""} name="" className="small" />
          {name}
        </Link>
        <button type="button" className="mall-icon" aria-label={t("newOrder.remove", { name })} onClick={() => onQuantity(0)}>
          <DeleteOutlined />
        </button>
      </div>
      <span className="soft">
        {format.money(linePrice(line), product?.currencyCode)} / {unit}
        {quoted?.available !== undefined && <LeftTag available={quoted.available} />}
      </span>
      <div className="cart-line-foot">
        {product ? (
          <Stepper open product={product} quantity={quantity} onQuantity={onQuantity} />
        ) : (
          <span>
            {format.count(quantity)} {unit}
          </span>
        )}
        <Cost line={line} quoted={quoted} currency={product?.currencyCode} />
      </div>
    </li>
  );
}

/** What the line costs; a quote for another quantity says nothing about it. */
function Cost({ line, quoted, currency }: Pick<LineProps, "line" | "quoted"> & { currency: string | undefined }) {
  const format = useFormat();
  const gross = lineGross(line);
  const less = quoted?.quantity === line.quantity && quoted.netMinor < quoted.grossMinor;
  return (
    <span className="cart-cost">
      {less && <s className="soft">{format.money(gross, currency)}</s>}
      <strong>{format.money(less ? quoted.netMinor : gross, currency)}</strong>
    </span>
  );
}
