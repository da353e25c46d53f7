import { Segmented } from "antd";
import { useState } from "react";
import { Link, useLocation, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { RebateQueryService, type GetRebatePlanResponse, type RebatePlanVersion } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { usePersonNames } from "../promotions/use-person-names";
import { useMay, useUser } from "../session/session";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { Accruals } from "./accruals";
import { PlanActions } from "./actions";
import { PlanStatusTag } from "./status";
import { RebateTermsView } from "./terms-view";
import { REBATES } from "./words";
import "./rebates.css";

export default function RebatePage() {
  const { id = "" } = useParams();
  return <One key={id} id={id} />;
}

function One({ id }: { id: string }) {
  const { t } = useI18n();
  const rebates = useClient(RebateQueryService);
  const state = useLocation().state as { position?: string } | null;
  const [seen, setSeen] = useState(BigInt(state?.position ?? "0"));
  const query = useQuery(
    `rebate-plan/${id}/${seen}`,
    (signal) => rebates.getRebatePlan({ planId: id, minPosition: seen }, { signal }),
    { tick: useTick(REBATES), keep: true },
  );
  const plan = query.data?.plan;
  return (
    <Page title={plan?.name ?? t("nav.rebates")} extra={plan && <PlanActions plan={plan} onDone={setSeen} onStale={query.refetch} />}>
      <p className="back">
        <Link to="/rebates">‹ {t("nav.rebates")}</Link>
      </p>
      <QueryView query={query}>{(data) => <Detail id={id} data={data} seen={seen} onSettled={setSeen} />}</QueryView>
    </Page>
  );
}

type Tab = "accrual" | "terms" | "history";

interface DetailProps {
  id: string;
  data: GetRebatePlanResponse;
  seen: bigint;
  onSettled: (position: bigint) => void;
}

function Detail({ id, data, seen, onSettled }: DetailProps) {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const tabs: Tab[] = ["terms"];
  if (data.periods.length > 0 && may(RebateQueryService.method.listRebateAccruals)) tabs.unshift("accrual");
  if (may(HistoryService.method.getObjectHistory)) tabs.push("history");
  const tab = tabs.find((one) => one === params.get("tab")) ?? tabs[0];
  const names = { accrual: t("rebate.accrual"), terms: t("rebate.terms"), history: t("nav.history") };
  return (
    <>
      <Head data={data} />
      {tabs.length > 1 && (
        <Segmented
          aria-label={t("rebate.views")}
          value={tab}
          options={tabs.map((value) => ({ value, label: names[value] }))}
          onChange={(next) => change({ tab: next === tabs[0] ? "" : String(next), token: "", page: "" }, { replace: true })}
        />
      )}
      {tab === "accrual" && <Accruals data={data} seen={seen} onSettled={onSettled} />}
      {tab === "terms" && data.versions.map((one) => <Version key={one.number} version={one} />)}
      {tab === "history" && <ObjectHistory object={`rebate_plan/${id}`} tick={data.plan?.version.toString() ?? ""} />}
    </>
  );
}

function Version({ version: { number, terms, draftedBy, approvedBy } }: { version: RebatePlanVersion }) {
  const { t } = useI18n();
  const who = usePersonNames([draftedBy, approvedBy]);
  return (
    <Panel title={`${t("rebate.version", { n: number })} · ${t(approvedBy ? "rebate.approved" : "rebate.draft")}`}>
      {terms && <RebateTermsView terms={terms} />}
      <FactList
        facts={[
          [t("rebate.draftedBy"), who(draftedBy)],
          [t("rebate.approvedBy"), approvedBy ? who(approvedBy) : "–"],
        ]}
      />
    </Panel>
  );
}

function Head({ data: { plan, versions, freshness } }: { data: GetRebatePlanResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const { userId } = useUser();
  if (!plan) return null;
  const own = plan.draftVersion > 0 && versions[0]?.draftedBy === userId;
  return (
    <Panel>
      <PlanStatusTag status={plan.status} />
      {plan.reason && <p className="note">{t("rebate.reason", { reason: plan.reason })}</p>}
      {own && <p className="note">{t("rebate.apart")}</p>}
      <FactList
        facts={[
          [t("rebate.approved"), plan.approvedVersion ? t("rebate.version", { n: plan.approvedVersion }) : "–"],
          [t("rebate.changedAt"), format.time(plan.changedAt)],
          [t("rebate.id"), <span key="id" className="mono">{plan.planId}</span>],
        ]}
      />
      <FreshnessMark freshness={freshness} projection={REBATES} />
    </Panel>
  );
}
