import { RightOutlined, SearchOutlined } from "@ant-design/icons";
import { Link } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n, type Key } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useBrand } from "../session/brand";
import { useUser } from "../session/session";
import { MALL_PATH } from "../shell/surface";
import { useFormat } from "../ui/format";
import { Empty, Loading, QueryView } from "../ui/states";
import { useSeldom } from "../ui/use-slow";
import { Balances } from "./balances";
import { useTitle } from "./mall-page";
import { useMall, type Catalogue } from "./mall-state";
import type { Offer } from "./offers";
import { MINE, statusesOf, type OrderTab } from "./order-tabs";
import { ProductList } from "./product-row";
import { newest } from "./range";
import { useRecent } from "./use-recent";
import { useFunds } from "./use-funds";
import { useOffers } from "./use-offers";

export default function HomePage() {
  const { t } = useI18n();
  const { catalogue } = useMall();
  const funds = useFunds();
  return (
    <div className="mall-page mall-home">
      <Masthead dealerName={funds.data?.funds?.dealerName ?? ""} />
      <Link to={`${MALL_PATH}/search`} className="search-way">
        <SearchOutlined aria-hidden />
        <span>{t("mall.search.hint")}</span>
      </Link>
      <Mine />
      <Balances query={funds} />
      <QueryView
        query={catalogue}
        skeleton={<Loading rows={8} />}
        isEmpty={(range) => range.products.length === 0}
        empty={<Empty title={t("mall.range.none")} todo={t("mall.range.none.todo")} />}
      >
        {(range) => <Range range={range} />}
      </QueryView>
    </div>
  );
}

/** Whose mall it is, and who orders here. */
function Masthead({ dealerName }: { dealerName: string }) {
  const user = useUser();
  const { look, logo } = useBrand();
  const brand = look?.name || user.tenantName || user.tenantId;
  useTitle(brand);
  return (
    <header className="masthead">
      <img src={logo} alt="" width={40} height={40} />
      <div>
        <h1>{brand}</h1>
        <span className="soft">{dealerName || user.dealerId}</span>
      </div>
    </header>
  );
}

const AGAIN_MS = 5_000;

/** Orders that wait for the dealer itself. */
function Mine() {
  const { t } = useI18n();
  return (
    <nav className="mine" aria-label={t("mall.mine")}>
      {MINE.map((tab) => (
        <Waiting key={tab} tab={tab} />
      ))}
      <Link to={`${MALL_PATH}/orders`} className="mine-all">
        {t("mall.orders.all")} <RightOutlined aria-hidden />
      </Link>
    </nav>
  );
}

function Waiting({ tab }: { tab: OrderTab }) {
  const { t } = useI18n();
  const format = useFormat();
  const orders = useClient(OrderQueryService);
  const query = useQuery(`mall-waiting/${tab}`, (signal) => orders.listOrders({ statuses: statusesOf(tab), page: { size: 1 } }, { signal }), {
    tick: useSeldom(useTick("orders"), AGAIN_MS),
  });
  const total = query.data?.page?.total;
  return (
    <Link to={`${MALL_PATH}/orders?tab=${tab}`} className={total ? "mine-chip mine-due" : "mine-chip"} data-waiting={tab}>
      {t(`mall.tab.${tab}`)} <strong>{total === undefined ? "–" : format.count(total)}</strong>
    </Link>
  );
}

function Range({ range }: { range: Catalogue }) {
  const { t } = useI18n();
  const format = useFormat();
  const fresh = newest(range.products, Date.now());
  return (
    <>
      <Offers />
      <section>
        <h2>{t("mall.categories")}</h2>
        <ul className="category-tiles">
          {range.categories.map(({ name, products }) => (
            <li key={name}>
              <Link to={categoryPath(name)}>
                <span>{name}</span>
                <span className="soft">{t("mall.products.n", { n: format.count(products.length) })}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>
      {fresh.length > 0 && <Shelf name="mall.fresh" products={fresh} />}
      <Usual range={range} short={fresh.length < FEW} />
    </>
  );
}

export const categoryPath = (name: string) => `${MALL_PATH}/categories?c=${encodeURIComponent(name)}`;

/** What counts today, beside each other: they are swiped on a phone. Nothing where nothing counts. */
function Offers() {
  const { t } = useI18n();
  const query = useOffers();
  const offers = query.data ?? [];
  if (query.loading && query.data === undefined) return <div className="offer-cards offer-wait loading" aria-hidden="true" />;
  if (offers.length === 0) return null;
  return (
    <section>
      <h2>{t("mall.offers")}</h2>
      <ul className="offer-cards" tabIndex={0} aria-label={t("mall.offers")}>
        {offers.map((offer) => (
          <OfferCard key={offer.promotionId} offer={offer} />
        ))}
      </ul>
    </section>
  );
}

function OfferCard({ offer: { name, categories, promotionId } }: { offer: Offer }) {
  const { t } = useI18n();
  return (
    <li>
      <Link to={categoryPath(categories[0] ?? "")} data-offer={promotionId}>
        <strong>{name}</strong>
        <span className="soft">{t("mall.offer.about", { names: categories.join(t("promotion.and")) })}</span>
      </Link>
    </li>
  );
}

/** With fewer to choose from, the page goes on with what else there is. */
const FEW = 4;
const MOST_USUAL = 10;

/** What was ordered lately; where that is little, the beginning of what there is as well. */
function Usual({ range: { products }, short }: { range: Catalogue; short: boolean }) {
  const recent = useRecent();
  if (recent === undefined) return <Loading rows={6} />;
  const others = products.filter((one) => !recent.includes(one)).slice(0, MOST_USUAL);
  return (
    <>
      {recent.length > 0 && <Shelf name="mall.recent" products={recent} />}
      {short && recent.length < FEW && others.length > 0 && <Shelf name="nav.products" products={others} />}
    </>
  );
}

function Shelf({ name, products }: { name: Key; products: Product[] }) {
  const { t } = useI18n();
  return (
    <section>
      <h2>{t(name)}</h2>
      <ProductList products={products} label={t(name)} />
    </section>
  );
}
