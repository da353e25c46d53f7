import { Button, Drawer, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { RebateQueryService, type GetRebatePlanResponse, type ListRebateAccrualsResponse, type RebateAccrual } from "../gen/qudao/order/v1/rebate_query_service_pb";
import { RebateService } from "../gen/qudao/order/v1/rebate_service_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay, useUser } from "../session/session";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat, type Format } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { usePhone } from "../ui/media";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { AccrualWhy } from "./accrual-why";
import { SettleDialog } from "./settle-dialog";
import { missingWords, openMinor, REBATES } from "./words";

function columns(t: Translate, format: Format): Column<RebateAccrual>[] {
  const money = (minor: bigint, one: RebateAccrual) => format.money(minor, one.currencyCode);
  return [
    { key: "dealer", title: t("rebate.dealer"), cell: (one) => one.dealerName },
    { key: "net", title: t("rebate.net"), cell: (one) => money(one.netMinor, one), number: true },
    { key: "units", title: t("rebate.basis.units"), cell: (one) => format.count(one.units), number: true },
    { key: "tier", title: t("rebate.accrual"), cell: (one) => tierOf(one, t) },
    { key: "accrued", title: t("rebate.accrued"), cell: (one) => money(one.accruedMinor, one), number: true },
    { key: "settled", title: t("rebate.settled"), cell: (one) => money(one.settledMinor, one), number: true },
    { key: "open", title: t("rebate.open"), cell: (one) => money(openMinor(one), one), number: true },
    { key: "next", title: t("rebate.next"), cell: (one) => <span className="soft">{missingWords(one, t, format) || "–"}</span> },
  ];
}

function tierOf({ tierNo }: RebateAccrual, t: Translate): string {
  return tierNo ? t("rebate.tier", { n: tierNo }) : t("rebate.tier.none");
}

interface Props {
  data: GetRebatePlanResponse;
  seen: bigint;
  onSettled: (position: bigint) => void;
}

/** What dealers have reached under a plan, period by period, and settling it. */
export function Accruals({ data: { plan, periods, versions }, seen, onSettled }: Props) {
  const { t } = useI18n();
  const rebates = useClient(RebateQueryService);
  const { userId } = useUser();
  const [params, change] = useUrlParams();
  const planId = plan?.planId ?? "";
  const period = periods.find((one) => one === params.get("period")) ?? periods[0] ?? "";
  const [open, setOpen] = useState<RebateAccrual>();
  const phone = usePhone();
  const query = useQuery(
    `rebate-accruals/${planId}/${period}/${params.get("token") ?? ""}/${seen}`,
    (signal) =>
      period
        ? rebates.listRebateAccruals(
            { planId, period, page: { size: PAGE_SIZE, token: params.get("token") ?? "" }, minPosition: seen },
            { signal },
          )
        : Promise.reject(new Error("no period")),
    { tick: useTick(REBATES), keep: true },
  );
  if (!period) return <Empty title={t("rebate.accrual.none")} todo={t("rebate.accrual.none.todo")} />;
  return (
    <Panel className="panel-flush">
      <div className="filters filters-in">
        <Select
          aria-label={t("rebate.period")}
          value={period}
          options={periods.map((value) => ({ value, label: value }))}
          onChange={(next) => change({ period: next, page: "", token: "" })}
        />
      </div>
      <QueryView
        query={query}
        isEmpty={(found) => found.accruals.length === 0}
        empty={<Empty title={t("rebate.accrual.none")} todo={t("rebate.accrual.none.todo")} />}
      >
        {(found) => (
          <>
            <Settling
              found={found}
              period={period}
              planId={planId}
              own={versions.some((one) => one.draftedBy === userId)}
              onSettled={onSettled}
            />
            <Reached found={found} onOpen={setOpen} />
          </>
        )}
      </QueryView>
      <Drawer
        open={open !== undefined}
        title={open?.dealerName}
        placement={phone ? "bottom" : "right"}
        size={phone ? "85%" : 560}
        onClose={() => setOpen(undefined)}
        destroyOnHidden
      >
        {open && <AccrualWhy planId={planId} period={period} dealerId={open.dealerId} seen={seen} />}
      </Drawer>
    </Panel>
  );
}

function Reached({ found, onOpen }: { found: ListRebateAccrualsResponse; onOpen: (one: RebateAccrual) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <DataTable
        label={t("rebate.accrual")}
        columns={columns(t, format)}
        rows={found.accruals}
        rowKey={(one) => one.dealerId}
        onOpen={onOpen}
        card={(one) => (
          <>
            <span className="card-line">
              <strong>{one.dealerName}</strong>
              <strong>{format.money(one.accruedMinor, one.currencyCode)}</strong>
            </span>
            <span className="card-line soft">
              <span>{tierOf(one, t)}</span>
              <span>{missingWords(one, t, format)}</span>
            </span>
          </>
        )}
      />
      <footer className="list-foot">
        <FreshnessMark freshness={found.freshness} projection={REBATES} />
        <Pager page={found.page} rows={found.accruals.length} />
      </footer>
    </>
  );
}

interface SettlingProps {
  found: ListRebateAccrualsResponse;
  planId: string;
  period: string;
  /** Whoever asks wrote the plan. */
  own: boolean;
  onSettled: (position: bigint) => void;
}

function Settling({ found, planId, period, own, onSettled }: SettlingProps) {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const [asks, setAsks] = useState(false);
  const currency = found.accruals[0]?.currencyCode;
  const can = may(RebateService.method.settleRebate) && !own;
  return (
    <div className="card-line rebate-sum">
      <span>
        {t("rebate.accrued")} <strong>{format.money(found.accruedMinor, currency)}</strong> · {t("rebate.settled")}{" "}
        <strong>{format.money(found.settledMinor, currency)}</strong>
      </span>
      {!found.over && <span className="soft">{t("rebate.settle.wait", { day: found.lastDay })}</span>}
      {found.over && own && <span className="soft">{t("rebate.apart")}</span>}
      {found.over && can && found.accruedMinor !== found.settledMinor && (
        <Button type="primary" onClick={() => setAsks(true)}>
          {t("rebate.settle.ask")}
        </Button>
      )}
      {asks && <SettleDialog planId={planId} period={period} onClose={() => setAsks(false)} onDone={onSettled} />}
    </div>
  );
}
