import { Segmented } from "antd";
import { useState } from "react";
import { StockQueryService } from "../gen/qudao/order/v1/stock_query_service_pb";
import { WaitingQueryService } from "../gen/qudao/order/v1/waiting_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { ImportButton } from "../imports/import-button";
import { useMay } from "../session/session";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { BackOrders } from "../waiting/back-orders";
import { useAllowed, type Allowed, type StockAct } from "./acts";
import { PageButtons } from "./stock-buttons";
import { StockList } from "./stock-list";
import { UncheckedNotice } from "./unchecked-notice";

export default function StockPage() {
  const { t } = useI18n();
  const may = useMay();
  if (may(StockQueryService.method.listStock)) return <Stock />;
  return (
    <Page title={t("nav.stock")}>
      <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
    </Page>
  );
}

function Stock() {
  const { t } = useI18n();
  const may = useMay();
  const allowed = useAllowed();
  const [params] = useUrlParams();
  const [act, setAct] = useState<StockAct>();
  const [seen, setSeen] = useState(0n);
  return (
    <Page title={t("nav.stock")} extra={<Extra allowed={allowed} onAct={setAct} onDone={setSeen} />}>
      <UncheckedNotice />
      {may(WaitingQueryService.method.listBackOrderedProducts) && <Tabs />}
      {params.get("tab") === "waiting" ? <BackOrders /> : <StockList allowed={allowed} act={act} onAct={setAct} seen={seen} onDone={setSeen} />}
    </Page>
  );
}

/** What there is, or who waits for more. */
function Tabs() {
  const { t } = useI18n();
  const [params, change] = useUrlParams();
  return (
    <Segmented
      aria-label={t("nav.stock")}
      value={params.get("tab") === "waiting" ? "waiting" : "kept"}
      options={[
        { value: "kept", label: t("stock.tab.kept") },
        { value: "waiting", label: t("stock.tab.waiting") },
      ]}
      onChange={(tab) => change({ tab: tab === "waiting" ? tab : "", q: "", filter: "", page: "", token: "" })}
    />
  );
}

interface ExtraProps {
  allowed: Allowed;
  onAct: (act: StockAct) => void;
  onDone: (position: bigint) => void;
}

function Extra({ allowed, onAct, onDone }: ExtraProps) {
  return (
    <>
      {allowed.count && <ImportButton what={{ of: "stock" }} onDone={onDone} />}
      <PageButtons allowed={allowed} onAct={onAct} />
    </>
  );
}
