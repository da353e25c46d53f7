import { Segmented } from "antd";
import { useState } from "react";
import { Link, useLocation, useParams } from "react-router";
import { useAudienceWords } from "../audience/use-audience-words";
import type { PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { PlacementPanel } from "./placement-panel";
import { PricesOfList } from "./prices-of-list";
import { SetPriceButton } from "./price-actions";
import { usePriceList, type FoundList } from "./use-price-list";

export default function PriceListPage() {
  const { id = "" } = useParams();
  return <One key={id} id={id} />;
}

function One({ id }: { id: string }) {
  const { t } = useI18n();
  const state = useLocation().state as { position?: string } | null;
  const [seen, setSeen] = useState(BigInt(state?.position ?? "0"));
  const query = usePriceList(id, seen);
  const list = query.data?.list;
  return (
    <Page title={list?.name ?? t("nav.prices")} extra={list && <SetPriceButton list={list} onDone={setSeen} />}>
      <p className="back">
        <Link to="/prices">‹ {t("nav.prices")}</Link>
      </p>
      <QueryView
        query={query}
        isEmpty={(data) => data.list === undefined}
        empty={
          <Panel>
            <Empty title={t("error.notFound")} todo={t("error.notFound.todo")} />
          </Panel>
        }
      >
        {(data) => data.list && <Detail list={data.list} data={data} seen={seen} onDone={setSeen} />}
      </QueryView>
    </Page>
  );
}

type Tab = "prices" | "history";

interface DetailProps {
  list: PriceList;
  data: FoundList;
  seen: bigint;
  onDone: (position: bigint) => void;
}

function Detail({ list, data, seen, onDone }: DetailProps) {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const words = useAudienceWords([list.placement?.audience]);
  const tabs: Tab[] = may(HistoryService.method.getObjectHistory) ? ["prices", "history"] : ["prices"];
  const tab = tabs.find((one) => one === params.get("tab")) ?? "prices";
  const names = { prices: t("prices.tab.prices"), history: t("nav.history") };
  return (
    <>
      <Head data={data} list={list} />
      <PlacementPanel list={list} words={words} onDone={onDone} />
      {tabs.length > 1 && (
        <Segmented
          aria-label={t("prices.views")}
          value={tab}
          options={tabs.map((value) => ({ value, label: names[value] }))}
          onChange={(next) => change({ tab: next === "prices" ? "" : String(next) }, { replace: true })}
        />
      )}
      {tab === "prices" ? (
        <PricesOfList list={list} seen={seen} onDone={onDone} />
      ) : (
        <ObjectHistory object={`price_list/${list.priceListId}`} tick={seen.toString()} />
      )}
    </>
  );
}

function Head({ list, data: { freshness } }: { list: PriceList; data: FoundList }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <Panel>
      <FactList
        facts={[
          [t("prices.id"), <span key="id" className="mono">{list.priceListId}</span>],
          [t("currency.label"), list.currencyCode],
          [t("prices.products"), format.count(list.productCount)],
        ]}
      />
      <FreshnessMark freshness={freshness} projection="products" />
    </Panel>
  );
}
