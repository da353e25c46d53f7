import { Segmented } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useCurrency } from "../products/use-currency";
import { useMay } from "../session/session";
import { FreshnessMark } from "../ui/freshness";
import { Page } from "../ui/page";
import { Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { currencyOf } from "./amounts";
import { DealerHistory } from "./dealer-history";
import { Entries } from "./entries";
import { FundCards } from "./fund-cards";
import { Receivables } from "./receivables";
import { Remittances } from "./remittances";
import { ReportButton } from "./report-dialog";
import { FUNDS } from "./words";

interface Props {
  dealerId: string;
  /** Whether the dealer's own people look at it. */
  own?: boolean;
}

/** The credit and money of one dealer. */
export function DealerFundsView({ dealerId, own = false }: Props) {
  const { t } = useI18n();
  const funds = useClient(FundsQueryService);
  /** How far what was done here is in the log. */
  const [seen, setSeen] = useState(0n);
  const usual = useCurrency();
  const query = useQuery(
    `dealer-funds/${dealerId}`,
    (signal) => funds.getDealerFunds({ dealerId, minPosition: seen }, { signal }),
    { tick: `${useTick(FUNDS)}/${seen}` },
  );
  const of = query.data?.funds;
  const title = own || !of ? t("nav.funds") : t("funds.of", { name: of.dealerName || dealerId });
  return (
    <Page
      title={title}
      extra={<ReportButton dealerId={dealerId} {...(of && { currency: currencyOf(of, "") })} onDone={setSeen} />}
    >
      {!own && (
        <p className="back">
          <Link to="/funds">‹ {t("nav.funds")}</Link>
        </p>
      )}
      <QueryView query={query} skeleton={<Loading rows={6} />}>
        {(data) =>
          data.funds && (
            <>
              <FundCards
                funds={data.funds}
                currency={currencyOf(data.funds, usual.currency)}
                onDone={setSeen}
                onStale={query.refetch}
              />
              <FreshnessMark freshness={data.freshness} projection={FUNDS} />
              <Tabs dealerId={dealerId} seen={seen} onDone={setSeen} />
            </>
          )
        }
      </QueryView>
    </Page>
  );
}

type Tab = "entries" | "receivables" | "remittances" | "history";

/** What belongs to one tab only. */
const START = { page: "", token: "", q: "", status: "", account: "", from: "", to: "" };

function Tabs({ dealerId, seen, onDone }: { dealerId: string; seen: bigint; onDone: (position: bigint) => void }) {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const usual: Tab[] = ["entries", "receivables", "remittances"];
  const tabs: Tab[] = may(HistoryService.method.getObjectHistory) ? [...usual, "history"] : usual;
  const tab = tabs.find((one) => one === params.get("tab")) ?? "entries";
  return (
    <>
      <Segmented
        className="wide-tabs"
        aria-label={t("funds.views")}
        value={tab}
        options={tabs.map((value) => ({ value, label: t(value === "history" ? "nav.history" : `funds.tab.${value}`) }))}
        onChange={(next) => change({ ...START, tab: next === "entries" ? "" : String(next) }, { replace: true })}
      />
      {tab === "entries" && <Entries dealerId={dealerId} seen={seen} />}
      {tab === "receivables" && <Receivables dealerId={dealerId} seen={seen} />}
      {tab === "remittances" && <Remittances dealerId={dealerId} seen={seen} onDone={onDone} />}
      {tab === "history" && <DealerHistory dealerId={dealerId} tick={seen.toString()} />}
    </>
  );
}
