import { Segmented } from "antd";
import { useState } from "react";
import { HandoverService } from "../gen/qudao/connector/v1/handover_service_pb";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { Page, Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { useEvery } from "../webhooks/use-every";
import { Codes } from "./codes";
import { Handovers } from "./handovers";
import { SettingsPanel } from "./settings-panel";
import { State } from "./state";
import "./connectors.css";

const LOOK_MS = 5_000;
const TABS = ["documents", "settings", "codes"] as const;

/** What is handed over to the books of the brand, and how that goes. */
export default function ConnectorsPage() {
  const { t } = useI18n();
  const may = useMay();
  if (may(HandoverService.method.getConnection)) return <Connectors />;
  return (
    <Page title={t("nav.connectors")}>
      <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
    </Page>
  );
}

function Connectors() {
  const { t } = useI18n();
  const handovers = useClient(HandoverService);
  const [params, change] = useUrlParams();
  /** How far what was done here is in the log. */
  const [seen, setSeen] = useState(0n);
  const tick = `${useEvery(LOOK_MS)}/${seen}`;
  const query = useQuery("erp", (signal) => handovers.getConnection({ minPosition: seen }, { signal }), { tick, keep: true });
  return (
    <Page title={t("nav.connectors")}>
      <QueryView query={query} skeleton={<Loading rows={8} />}>
        {(connection) => {
          const isNew = connection.settings === undefined;
          const asked = TABS.find((one) => one === params.get("tab")) ?? "documents";
          const tab = isNew ? "settings" : asked;
          return (
            <>
              {isNew ? (
                <Panel>
                  <Empty title={t("erp.none")} todo={t(connection.address ? "erp.none.todo" : "erp.none.contract")} />
                </Panel>
              ) : (
                <State connection={connection} onDone={setSeen} />
              )}
              {!isNew && (
                <Segmented
                  className="wide-tabs"
                  aria-label={t("erp.views")}
                  value={tab}
                  options={TABS.map((value) => ({ value, label: t(`erp.tab.${value}`) }))}
                  onChange={(next) => change({ tab: next === "documents" ? "" : String(next), token: "", page: "", q: "", status: "", kind: "" }, { replace: true })}
                />
              )}
              {tab === "documents" && <Handovers connection={connection} tick={tick} onDone={setSeen} />}
              {tab === "settings" && <SettingsPanel key={String(connection.version)} connection={connection} onDone={setSeen} onStale={query.refetch} />}
              {tab === "codes" && <Codes seen={seen} onDone={setSeen} />}
            </>
          );
        }}
      </QueryView>
    </Page>
  );
}
