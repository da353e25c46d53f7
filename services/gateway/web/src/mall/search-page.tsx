import { SearchOutlined } from "@ant-design/icons";
import { Input } from "antd";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import { Empty, Loading, QueryView } from "../ui/states";
import { useSearchText, useUrlParams } from "../ui/url-state";
import { entriesOf, found, type Sounds } from "./find";
import { Back, useTitle } from "./mall-page";
import { useMall, type Catalogue } from "./mall-state";
import { ProductList } from "./product-row";
import { canScan } from "./scanner";

const ScanButton = lazy(() => import("./scan"));

const MOST_SHOWN = 60;

export default function SearchPage() {
  const { t } = useI18n();
  useTitle(t("mall.search"));
  const { catalogue } = useMall();
  const [params, change] = useUrlParams();
  const q = params.get("q") ?? "";
  const [text, setText] = useSearchText(q, (wanted) => change({ q: wanted }, { replace: true }));
  return (
    <div className="mall-page">
      <header className="mall-head search-head">
        <Back />
        <h1 className="hidden">{t("mall.search")}</h1>
        <Input
          type="search"
          size="large"
          allowClear
          autoFocus
          enterKeyHint="search"
          prefix={<SearchOutlined aria-hidden />}
          aria-label={t("mall.search")}
          placeholder={t("mall.search.hint")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {canScan() && (
          <Suspense>
            <ScanButton onCode={setText} />
          </Suspense>
        )}
      </header>
      <QueryView query={catalogue} skeleton={<Loading rows={8} />}>
        {(range) => <Results range={range} q={text.trim()} />}
      </QueryView>
    </div>
  );
}

/** The readings of characters come when somebody searches, and not before. */
function useSounds(): Sounds | undefined {
  const [sounds, setSounds] = useState<{ of: Sounds }>();
  useEffect(() => {
    let left = false;
    import("./sounds").then(
      ({ sounds: of }) => !left && setSounds({ of }),
      // Names, codes and categories are still found.
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, []);
  return sounds?.of;
}

function Results({ range, q }: { range: Catalogue; q: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const sounds = useSounds();
  const entries = useMemo(() => entriesOf(range.products, sounds), [range, sounds]);
  const near = useMemo(() => found(entries, q), [entries, q]);
  const beyond = useBeyond(range, q);
  const products = [...near, ...beyond.filter(({ productId }) => !range.byId.has(productId))];
  if (q === "") return <Empty title={t("mall.search.start")} todo={t("mall.search.start.todo")} />;
  if (products.length === 0) {
    return <Empty title={t("products.none")} todo={t(sounds ? "products.none.todo" : "state.loading")} />;
  }
  return (
    <section data-sounds={sounds ? "yes" : "no"}>
      <p className="soft search-count" role="status">
        {t("mall.found", { n: format.count(products.length) })}
      </p>
      <ProductList products={products.slice(0, MOST_SHOWN)} label={t("mall.search")} />
      {products.length > MOST_SHOWN && <p className="soft search-count">{t("newOrder.refine", { n: format.count(products.length) })}</p>}
    </section>
  );
}

/** What the server finds, where the range is larger than what is kept here. */
function useBeyond({ complete }: Catalogue, q: string) {
  const orders = useClient(OrderQueryService);
  const { dealerId } = useMall();
  const query = useQuery(`mall-beyond/${q}`, (signal) => orders.listProducts({ dealerId, search: q, page: { size: 50 } }, { signal }), {
    enabled: !complete && q !== "",
  });
  return query.data?.products ?? [];
}
