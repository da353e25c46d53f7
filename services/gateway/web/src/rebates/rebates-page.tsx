import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useNavigate, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { daysWords } from "../audience/words";
import { RebatePlanStatus, RebateQueryService, type RebatePlan } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { RebateService } from "../gen/qudao/order/v1/rebate_service_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat, type Format } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { PlanStatusTag } from "./status";
import { CYCLES, keyOf, REBATES, STATUS_NAMES, STATUSES } from "./words";

function columns(t: Translate, format: Format): Column<RebatePlan>[] {
  return [
    { key: "name", title: t("rebate.name"), cell: (one) => one.name },
    { key: "status", title: t("rebate.status"), cell: (one) => <PlanStatusTag status={one.status} /> },
    { key: "cycle", title: t("rebate.cycle"), cell: (one) => t(keyOf(CYCLES, one.cycle)) },
    { key: "days", title: t("days.title"), cell: (one) => daysWords(one, t) },
    { key: "version", title: t("rebate.approved"), cell: (one) => (one.approvedVersion ? t("rebate.version", { n: one.approvedVersion }) : "–") },
    { key: "changed", title: t("rebate.changedAt"), cell: (one) => format.time(one.changedAt) },
    { key: "id", title: t("rebate.id"), cell: (one) => <span className="mono">{one.planId}</span> },
  ];
}

/** Rebate plans of the brand. */
export default function RebatesPage() {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const navigate = useNavigate();
  const rebates = useClient(RebateQueryService);
  const [params] = useSearchParams();
  const status = STATUS_NAMES.find((name) => name === params.get("status"));
  const asked = {
    page: { size: PAGE_SIZE, token: params.get("token") ?? "" },
    search: params.get("q") ?? "",
    status: status ? STATUSES[status] : RebatePlanStatus.UNSPECIFIED,
  };
  const query = useQuery(`rebates?${params}`, (signal) => rebates.listRebatePlans(asked, { signal }), {
    tick: useTick(REBATES),
    keep: true,
  });
  const draft = may(RebateService.method.draftRebatePlan) && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate("/rebates/new")}>
      {t("rebate.new")}
    </Button>
  );
  const filtered = Boolean(status ?? params.get("q"));
  const clear = <Button onClick={() => void navigate("/rebates")}>{t("filter.clear")}</Button>;
  return (
    <Page title={t("nav.rebates")} extra={draft}>
      <div className="filters">
        <SearchBox label={t("rebate.search")} />
        <StatusChips chosen={status} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.plans.length === 0}
          empty={
            filtered ? (
              <Empty title={t("rebate.noneFound")} todo={t("rebate.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("rebate.none")} todo={t("rebate.none.todo")} action={draft} />
            )
          }
        >
          {(data) => (
            <>
              <DataTable
                label={t("nav.rebates")}
                columns={columns(t, format)}
                rows={data.plans}
                rowKey={(one) => one.planId}
                onOpen={(one) => void navigate(`/rebates/${encodeURIComponent(one.planId)}`)}
                card={(one) => <PlanCard plan={one} />}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection={REBATES} />
                <Pager page={data.page} rows={data.plans.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}

function StatusChips({ chosen }: { chosen: (typeof STATUS_NAMES)[number] | undefined }) {
  const { t } = useI18n();
  const [, change] = useUrlParams();
  return (
    <div className="chips" role="group" aria-label={t("rebate.status")}>
      {[undefined, ...STATUS_NAMES].map((name) => (
        <button
          key={name ?? "all"}
          type="button"
          className={`chip ${chosen === name ? "chip-on" : ""}`}
          aria-pressed={chosen === name}
          onClick={() => change({ status: name ?? "", page: "", token: "" })}
        >
          {name ? t(`rebate.status.${name}`) : t("filter.all")}
        </button>
      ))}
    </div>
  );
}

function PlanCard({ plan }: { plan: RebatePlan }) {
  const { t } = useI18n();
  return (
    <>
      <span className="card-line">
        <strong>{plan.name}</strong>
        <PlanStatusTag status={plan.status} />
      </span>
      <span className="card-line soft">
        <span>
          {t(keyOf(CYCLES, plan.cycle))} · {daysWords(plan, t)}
        </span>
        <span className="mono">{plan.planId}</span>
      </span>
    </>
  );
}
