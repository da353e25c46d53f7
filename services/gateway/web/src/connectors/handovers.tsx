import { App, Button, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useAction } from "../api/use-action";
import { useQuery } from "../api/use-query";
import { DocumentKind, HandoverService, HandoverStatus, type GetConnectionResponse, type Handover } from "../gen/qudao/connector/v1/handover_service_pb";
import { ConnectionService } from "../gen/qudao/order/v1/connection_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, Failure, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { HandoverTable } from "./handover-table";
import { ResyncDialog, SkipDialog } from "./handover-dialogs";
import { isByHand, KINDS, needsPerson, STATUSES } from "./words";

const FILTERS = ["", "todo", "1", "2", "5"] as const;

interface Props {
  connection: GetConnectionResponse;
  tick: string;
  onDone: (position: bigint) => void;
}

/** Documents on their way to the books; those that wait for a person can be sent again or left out. */
export function Handovers({ connection, tick, onDone }: Props) {
  const { t } = useI18n();
  const may = useMay();
  const handovers = useClient(HandoverService);
  const { message } = App.useApp();
  const [params, change] = useUrlParams();
  const [skipping, setSkipping] = useState<Handover>();
  const [comparing, setComparing] = useState(false);
  /** Grows with what was done here that is in no log. */
  const [again, setAgain] = useState(0);
  const action = useAction();
  const filter = params.get("status") ?? "";
  const kind = Number(params.get("kind") ?? "0") as DocumentKind;
  const search = params.get("q") ?? "";
  const token = params.get("token") ?? "";
  const needs = filter === "todo";
  const status = (needs ? 0 : Number(filter)) as HandoverStatus;
  const query = useQuery(
    `handovers/${filter}/${kind}/${search}/${token}`,
    (signal) => handovers.listHandovers({ status, needsPerson: needs, kind, search, page: { size: PAGE_SIZE, token } }, { signal }),
    { tick: `${tick}/${again}`, keep: true },
  );
  const retry = (numbers: string[]) =>
    void action.run(async () => {
      const { count } = await handovers.retryHandovers({ numbers });
      void message.success(t("erp.retry.done", { n: String(count) }));
      setAgain((before) => before + 1);
    });
  const retries = may(HandoverService.method.retryHandovers);
  const stuck = connection.refused + connection.givenUp;
  const todo = stuck + connection.byHand;
  const label = (one: string) =>
    one === "" ? t("filter.all") : one === "todo" ? t("erp.todo", { n: String(todo) }) : t(STATUSES[Number(one) as HandoverStatus][1]);
  const filtered = filter !== "" || kind !== DocumentKind.UNSPECIFIED || search !== "";
  return (
    <Panel
      title={t("erp.tab.documents")}
      className="panel-flush"
      extra={
        <>
          {may(ConnectionService.method.requestResync) && <Button onClick={() => setComparing(true)}>{t("erp.resync")}</Button>}
          {retries && stuck > 0n && (
            <Button type="primary" loading={action.busy} data-erp-retry-all onClick={() => retry([])}>
              {t("erp.retry.all")}
            </Button>
          )}
        </>
      }
    >
      <div className="filters erp-inset">
        <div className="chips" role="group" aria-label={t("webhook.status")}>
          {FILTERS.map((one) => (
            <button
              key={one}
              type="button"
              className={one === filter ? "chip chip-on" : "chip"}
              aria-pressed={one === filter}
              onClick={() => change({ status: one, token: "", page: "" })}
            >
              {label(one)}
            </button>
          ))}
        </div>
        <Select
          aria-label={t("erp.kind")}
          value={kind}
          options={Object.entries(KINDS).map(([value, name]) => ({ value: Number(value), label: Number(value) === 0 ? t("erp.kind.all") : t(name) }))}
          onChange={(next) => change({ kind: next ? String(next) : "", token: "", page: "" })}
        />
        <SearchBox label={t("erp.search")} />
      </div>
      {action.error !== undefined && <Failure error={action.error} />}
      <QueryView
        query={query}
        isEmpty={(data) => data.handovers.length === 0}
        empty={<Empty title={t(filtered ? "erp.documents.filtered" : "erp.documents.none")} todo={t(filtered ? "erp.documents.filtered.todo" : "erp.documents.none.todo")} />}
      >
        {(data) => (
          <>
            <HandoverTable
              handovers={data.handovers}
              acts={(one) => [
                ...(retries && needsPerson(one) ? [{ name: t("erp.retry"), run: () => retry([one.number]) }] : []),
                ...(may(ConnectionService.method.skipDocument) && needsPerson(one) ? [{ name: t("erp.skip"), run: () => setSkipping(one) }] : []),
                ...(may(ConnectionService.method.skipDocument) && isByHand(one) ? [{ name: t("erp.mended"), run: () => setSkipping(one) }] : []),
              ]}
            />
            <footer className="list-foot">
              <Pager page={data.page} rows={data.handovers.length} />
            </footer>
          </>
        )}
      </QueryView>
      {skipping && <SkipDialog handover={skipping} onClose={() => setSkipping(undefined)} onDone={onDone} />}
      {comparing && <ResyncDialog onClose={() => setComparing(false)} onDone={onDone} />}
    </Panel>
  );
}
