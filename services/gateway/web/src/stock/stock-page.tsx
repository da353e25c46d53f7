import { useState } from "react";
import { StockQueryService } from "../gen/qudao/order/v1/stock_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { ImportButton } from "../imports/import-button";
import { useMay } from "../session/session";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
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
  const allowed = useAllowed();
  const [act, setAct] = useState<StockAct>();
  const [seen, setSeen] = useState(0n);
  return (
    <Page title={t("nav.stock")} extra={<Extra allowed={allowed} onAct={setAct} onDone={setSeen} />}>
      <UncheckedNotice />
      <StockList allowed={allowed} act={act} onAct={setAct} seen={seen} onDone={setSeen} />
    </Page>
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
