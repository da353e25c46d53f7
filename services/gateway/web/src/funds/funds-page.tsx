import { Segmented } from "antd";
import { useState } from "react";
import { CreditService } from "../gen/qudao/order/v1/credit_service_pb";
import { FundsQueryService } from "../gen/qudao/order/v1/funds_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { ImportButton } from "../imports/import-button";
import { useCurrency } from "../products/use-currency";
import { isDealer, useMay, useUser } from "../session/session";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { DealerList } from "./dealer-list";
import { DealerFundsView } from "./dealer-view";
import { Holds } from "./holds";
import { Remittances } from "./remittances";
import { ReportButton } from "./report-dialog";
import { Rules } from "./rules";

/** Credit and money of all dealers; people of a dealer are shown their own. */
export default function FundsPage() {
  const { t } = useI18n();
  const user = useUser();
  const may = useMay();
  const { listDealerFunds, getDealerFunds } = FundsQueryService.method;
  if (isDealer(user) && may(getDealerFunds)) return <DealerFundsView key={user.dealerId} dealerId={user.dealerId} own />;
  if (may(listDealerFunds)) return <BrandFunds />;
  return (
    <Page title={t("nav.funds")}>
      <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
    </Page>
  );
}

const TABS = ["dealers", "remittances", "holds", "rules"] as const;

/** What belongs to one tab only. */
const START = { page: "", token: "", q: "", filter: "", status: "" };

function BrandFunds() {
  const { t } = useI18n();
  const [params, change] = useUrlParams();
  /** How far what was done here is in the log. */
  const [seen, setSeen] = useState(0n);
  const tab = TABS.find((one) => one === params.get("tab")) ?? "dealers";
  const report = tab === "dealers" || tab === "remittances";
  const may = useMay();
  const { currency } = useCurrency();
  const bring = tab === "dealers" && may(CreditService.method.setCreditLimit) && (
    <ImportButton what={{ of: "credit", currency }} onDone={setSeen} />
  );
  return (
    <Page title={t("nav.funds")} extra={report && <>{bring}<ReportButton onDone={setSeen} /></>}>
      <Segmented
        className="wide-tabs"
        aria-label={t("funds.views")}
        value={tab}
        options={TABS.map((value) => ({ value, label: t(`funds.tab.${value}`) }))}
        onChange={(next) => change({ ...START, tab: next === "dealers" ? "" : String(next) }, { replace: true })}
      />
      {tab === "dealers" && <DealerList seen={seen} />}
      {tab === "remittances" && <Remittances seen={seen} onDone={setSeen} />}
      {tab === "holds" && <Holds />}
      {tab === "rules" && <Rules />}
    </Page>
  );
}
